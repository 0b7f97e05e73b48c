import { existsSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { messageOf } from '../base/errors.ts'
import { CONFIG_FILE_BYTES } from '../base/limits.ts'
import { didYouMean } from '../base/nearest.ts'
import { PACKAGE_DIR } from './bundled-plugins.ts'
import { isPlainMap } from './config-tree.ts'
import { locatePlugin, type PluginLocation } from './plugin-entries.ts'

/** The namespace of aMQTT's older form where none is named: the bundled plugins, by aMQTT's aliases. */
export const DEFAULT_NAMESPACE = 'bulkhead.broker.plugins'

const MANIFEST = 'package.json'
const ALIAS = /^[A-Za-z_][\w.-]{0,63}$/
/** A class within a module, as entry points have it. */
const EXPORT = /:([A-Za-z_]\w*)$/

type Entries = Readonly<Record<string, unknown>>
type Refuse = (message: string) => void

/**
 * The plugins of a namespace by their aliases: what the project's package.json says under `bulkhead.plugins`,
 * which is where aMQTT has entry points. Calls `refuse` for each mistake.
 */
export function readNamespace(
  name: string,
  baseDir: string,
  refuse: Refuse,
): ReadonlyMap<string, PluginLocation> {
  const plugins = new Map<string, PluginLocation>()
  const project = projectOf(baseDir)
  const folders = [name === DEFAULT_NAMESPACE ? PACKAGE_DIR : undefined, project]
  const known: string[] = []
  let found = false
  // the project's own plugin takes the place of a bundled one that has its alias
  for (const folder of new Set(folders)) {
    if (folder === undefined) continue
    const namespaces = namespacesIn(path.join(folder, MANIFEST), refuse)
    known.push(...Object.keys(namespaces))
    const entries = Object.hasOwn(namespaces, name) ? namespaces[name] : undefined
    if (entries === undefined) continue
    found = true
    addPlugins(name, folder, entries, plugins, refuse)
  }
  if (!found)
    refuse(
      `there is no plugin namespace ${JSON.stringify(name)} in ${whereLooked(project, baseDir)}` +
        didYouMean(name, known),
    )
  return plugins
}

function whereLooked(project: string | undefined, baseDir: string): string {
  if (project !== undefined) return `${path.join(project, MANIFEST)}, under "bulkhead": { "plugins": … }`
  return `${MANIFEST}: there is no such file in ${baseDir} or in a folder above it of the same project`
}

/**
 * The folder of the nearest package.json. The search ends with the project: at a repository's root, at the
 * user's home, and where a folder or the file is somebody else's, who must not choose what decides here.
 */
function projectOf(baseDir: string): string | undefined {
  const owner = ownerOf(baseDir)
  for (let folder = baseDir; ownerOf(folder) === owner; folder = path.dirname(folder)) {
    const file = path.join(folder, MANIFEST)
    if (existsSync(file)) return ownerOf(file) === owner ? folder : undefined
    const isEnd = existsSync(path.join(folder, '.git')) || folder === homedir()
    if (isEnd || folder === path.dirname(folder)) return undefined
  }
  return undefined
}

function ownerOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.uid
}

function namespacesIn(file: string, refuse: Refuse): Entries {
  const packageJson = parse(file, refuse)
  const own = isPlainMap(packageJson) ? packageJson['bulkhead'] : undefined
  const namespaces = isPlainMap(own) ? own['plugins'] : undefined
  if (namespaces === undefined) return {}
  if (isPlainMap(namespaces)) return namespaces
  refuse(`${file}: bulkhead.plugins: expected a map of namespaces`)
  return {}
}

function parse(file: string, refuse: Refuse): unknown {
  try {
    if (statSync(file).size <= CONFIG_FILE_BYTES) return JSON.parse(readFileSync(file, 'utf8'))
    refuse(`${file} is larger than ${CONFIG_FILE_BYTES} bytes`)
  } catch (error) {
    refuse(`${file}: ${messageOf(error)}`)
  }
  return undefined
}

function addPlugins(
  namespace: string,
  folder: string,
  entries: unknown,
  plugins: Map<string, PluginLocation>,
  refuse: Refuse,
): void {
  const at = `${path.join(folder, MANIFEST)}: bulkhead.plugins.${namespace}`
  if (!isPlainMap(entries)) return refuse(`${at}: expected a map of aliases to paths`)
  for (const [alias, use] of Object.entries(entries)) {
    const location = typeof use === 'string' ? locateWithin(folder, use) : undefined
    if (!ALIAS.test(alias))
      refuse(`${at}: an alias is letters, digits, _, - and ., got ${JSON.stringify(alias)}`)
    else if (location !== undefined) plugins.set(alias, location)
    else refuse(`${at}.${alias}: no plugin at ${JSON.stringify(use)} within the folder of ${MANIFEST}`)
  }
}

/** `./plugins/gate`, `./plugins/gate:Name`, or an entry point as it stands: `module.submodule.file:Name`. */
function locateWithin(folder: string, use: string): PluginLocation | undefined {
  const [suffix, exportName] = EXPORT.exec(use) ?? []
  const module = suffix === undefined ? use : use.slice(0, -suffix.length)
  const plain = exportName !== undefined && !module.includes('/')
  const found = locatePlugin(plain ? `${module}.${exportName}` : module, folder)
  if (found === undefined) return undefined
  const { path: place } = found
  // never above the project
  if (path.relative(folder, place).startsWith('..')) return undefined
  return exportName === undefined ? found : { path: place, exportName }
}
