import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BulkheadError } from '../../src/base/errors.ts'
import { BUILD_ERRORS, DEFAULT_LIMITS } from '../limits.ts'
import { type DeclaredManifest, readDeclared } from '../manifest/declared-manifest.ts'
import { bundlerPath } from './own-program.ts'
import type { BuildMistake, BuildRequest } from './build-messages.ts'
import { parseObject } from './parse-object.ts'
import { type PluginFolder, readFolder } from './read-folder.ts'
import { readPackages } from './read-packages.ts'
import { runBuilder } from './run-builder.ts'

/** A plugin as one script, and what its files say of it. Nothing of it has run yet. */
export interface BuiltCode {
  /** Strict code that leaves the module's namespace in one global; `.default` is the plugin. */
  readonly code: string
  /** A version 3 source map; its sources are relative to the plugin's folder. */
  readonly sourceMap: string
  /** What package.json, plugin.yaml and the folder's name say: still unchecked. */
  readonly declared: DeclaredManifest
}

export interface BuildOptions {
  /** The export to use in place of the default one, if the module has it. */
  readonly exportName?: string
  /** Whether packages of the folder's node_modules are bundled: on the author's own machine only. */
  readonly resolvePackages?: boolean
  /** The largest script. */
  readonly bundleKiB?: number
  /** Ends the build. */
  readonly stopping?: AbortSignal
}

/** What a build begins with: a plugin's files, read once. */
export interface PluginSources {
  readonly folder: PluginFolder
  readonly declared: DeclaredManifest
  /** Hex of a sha256: what has the same one builds to the same script. */
  readonly digest: string
}

/**
 * Reads a plugin's folder, and what its files say of it.
 *
 * @throws BulkheadError ERR_PLUGIN_NOT_FOUND, ERR_PLUGIN_BUILD, ERR_PLUGIN_MANIFEST
 */
export async function readSources(path: string, options: BuildOptions): Promise<PluginSources> {
  const folder = await readFolder(path)
  if (options.resolvePackages === true) await readPackages(folder)
  return sourcesOf(folder, options)
}

/**
 * As {@link readSources}, of files that are in memory already.
 *
 * @throws BulkheadError ERR_PLUGIN_MANIFEST
 */
export function sourcesOf(folder: PluginFolder, options: BuildOptions): PluginSources {
  const { name, files } = folder
  const declared = readDeclared(name, files.get('plugin.yaml'), parseObject(files.get('package.json')))
  const { exportName = null, bundleKiB = null } = options
  const whole = JSON.stringify([name, exportName, bundleKiB, [...files]])
  return { folder, declared, digest: createHash('sha256').update(whole).digest('hex') }
}

/**
 * Bundles a plugin's files into one script, in a throw-away process that sees them and nothing else.
 *
 * @throws BulkheadError ERR_PLUGIN_NOT_FOUND, ERR_PLUGIN_BUILD (with file:line:column)
 */
export async function buildBundle(sources: PluginSources, options: BuildOptions): Promise<BuiltCode> {
  const { folder, declared } = sources
  const request = {
    bundler: bundlerPath(),
    main: findMain(folder, declared),
    ...(options.exportName === undefined ? {} : { exportName: options.exportName }),
    packages: options.resolvePackages === true,
    files: [...folder.files],
    ...(await readOwn()),
  }
  const reply = await runBuilder(request, options.stopping)
  if ('gaveUp' in reply) throw broken(folder, `the bundler gave up: ${reply.gaveUp}`)
  if ('errors' in reply) {
    throw broken(folder, reply.errors.slice(0, BUILD_ERRORS).map(mistakeLine).join('\n'))
  }
  const kib = Math.ceil(Buffer.byteLength(reply.code) / 1024)
  const bundleKiB = options.bundleKiB ?? DEFAULT_LIMITS.bundleKiB
  if (kib > bundleKiB)
    throw broken(folder, `the bundle has ${kib} KiB; the limit (bundleKiB) is ${bundleKiB}`)
  return { code: reply.code, sourceMap: reply.sourceMap, declared }
}

/**
 * Looks through a script that somebody else has built for what cannot work where plugins run: `import`,
 * `require`, `eval`. It is parsed, in the process that is thrown away, and not run.
 *
 * @throws BulkheadError ERR_PLUGIN_BUILD (with the place in the script)
 */
export async function refuseLeftovers(name: string, code: string, stopping?: AbortSignal): Promise<void> {
  const main = 'bundle.js'
  const nothing = { sdk: [], sdkEntry: '', globals: [], injected: {} }
  const files = [[main, code] as const]
  const request = {
    bundler: bundlerPath(),
    main,
    isScript: true,
    packages: false,
    files,
    ...nothing,
  } as const
  const reply = await runBuilder(request, stopping)
  const folder = { name, root: '', files: new Map<string, string>() }
  if ('gaveUp' in reply) throw broken(folder, `its script cannot be looked through: ${reply.gaveUp}`)
  if (!('errors' in reply)) return
  const lines = reply.errors.slice(0, BUILD_ERRORS).map(mistakeLine)
  throw broken(folder, `its script has what \`bulkhead plugin build\` leaves in none: ${lines.join('\n')}`)
}

const MAINS = ['plugin.ts', 'plugin.js', 'plugin.mjs'] as const

function findMain(folder: PluginFolder, declared: DeclaredManifest): string {
  const named = declared.main?.replace(/^\.\//, '')
  const main = named === undefined ? MAINS.find((each) => folder.files.has(each)) : named
  if (main !== undefined && folder.files.has(main)) return main
  const wanted = named === undefined ? 'plugin.ts' : `${named} (the main of plugin.yaml)`
  throw new BulkheadError('ERR_PLUGIN_NOT_FOUND', `there is no ${wanted} in ${folder.root}`)
}

type Own = Pick<BuildRequest, 'sdk' | 'sdkEntry' | 'globals' | 'injected'>

let own: Promise<Own> | undefined

/**
 * The SDK's own sources travel in the map, and those of the globals: a plugin is built against this version,
 * whatever lies on its author's disk.
 */
function readOwn(): Promise<Own> {
  own ??= readOwnFiles()
  return own
}

async function readOwnFiles(): Promise<Own> {
  const path = fileURLToPath(import.meta.url)
  const ending = extname(path)
  const rooms = dirname(dirname(path))
  const [sdk, globals] = await Promise.all([
    readRoom(join(rooms, 'sdk'), ending),
    readRoom(join(rooms, 'globals'), ending),
  ])
  const injected = Object.entries(INJECTED).map(([name, file]) => [name, `${file}${ending}`] as const)
  return { sdk, sdkEntry: `index${ending}`, globals, injected: Object.fromEntries(injected) }
}

async function readRoom(folder: string, ending: string): Promise<BuildRequest['sdk']> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending) && !name.endsWith('.d.ts'))
  return Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const))
}

/**
 * The globals that a bundle gets where it refers to them, each with the file that exports it. They are the
 * plugin's own code: the guest has nothing to do with them.
 */
const INJECTED: Readonly<Record<string, string>> = {
  TextEncoder: 'text-encoder',
  TextDecoder: 'text-decoder',
  URL: 'url',
  URLSearchParams: 'url-search-params',
  atob: 'base64',
  btoa: 'base64',
  structuredClone: 'structured-clone',
}

/** `plugin.ts:3:14: …`, with a word of advice where the bundler's own is none for an author. */
function mistakeLine({ text, file, line, column }: BuildMistake): string {
  const advised = ADVICE.find(([pattern]) => pattern.test(text))?.[1] ?? text
  if (file === undefined || file === 'entry') return advised
  return `${file}:${line}:${column}: ${advised}`
}

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/^Top-level await/, 'top-level await is refused; move it into setup(ctx)'],
  [
    /^No matching export in .* for import "default"/,
    'there is no default export; write `export default definePlugin({ … })`',
  ],
  [
    /will not be bundled because the argument is not a string literal/,
    'import() and require() of a computed name are refused; a plugin is bundled whole before it runs',
  ],
  [/^Using direct eval/, 'eval is refused: no code comes into being where plugins run'],
  [/^Indirect calls to "require"/, 'require is only known as require("./file"); there is no Node here'],
]

function broken(folder: PluginFolder, why: string): BulkheadError {
  return new BulkheadError('ERR_PLUGIN_BUILD', `plugin ${folder.name} does not build: ${why}`)
}
