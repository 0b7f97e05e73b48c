import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PACKAGES_ENTRIES, PACKAGES_MIB } from '../limits.ts'
import { packagePlaces } from './package-places.ts'
import { parseObject } from './parse-object.ts'
import { type PluginFolder, type ReadBudget, readInto } from './read-folder.ts'

/**
 * Adds the packages that the folder's package.json depends on, and theirs, as they lie in the folder's own
 * node_modules. On the author's machine only; it is the bundle that travels. A parent's node_modules is never
 * read.
 */
export async function readPackages(folder: PluginFolder): Promise<void> {
  const budget: ReadBudget = {
    entries: PACKAGES_ENTRIES,
    bytes: PACKAGES_MIB * 2 ** 20,
    describes: 'the dependencies of a plugin',
  }
  const read = new Set<string>()
  const waiting = dependenciesOf(folder, '')
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const place = await findPackage(folder.root, next.from, next.name)
    if (place === undefined || read.has(place)) continue
    read.add(place)
    await readInto(folder.files, folder.root, place, budget)
    waiting.push(...dependenciesOf(folder, place))
  }
}

interface Dependency {
  readonly name: string
  /** The folder of the package that wants it; '' is the plugin's own. */
  readonly from: string
}

const PACKAGE_NAME = /^(?:@[\w.-]+\/)?[\w-][\w.-]*$/

function dependenciesOf(folder: PluginFolder, from: string): Dependency[] {
  const manifest = parseObject(folder.files.get(from === '' ? 'package.json' : `${from}/package.json`))
  const dependencies = manifest?.['dependencies']
  if (typeof dependencies !== 'object' || dependencies === null) return []
  return Object.keys(dependencies)
    .filter((name) => PACKAGE_NAME.test(name))
    .map((name) => ({ name, from }))
}

/** Looks where Node would look, but never above the plugin's folder. */
async function findPackage(root: string, from: string, name: string): Promise<string | undefined> {
  for (const place of packagePlaces(from, name)) {
    const found = await stat(join(root, place)).then(
      (stats) => stats.isDirectory(),
      () => false, // not there: look one level up
    )
    if (found) return place
  }
  return undefined
}
