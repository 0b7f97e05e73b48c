import { readFileSync, writeSync } from 'node:fs'
import type {
  Loader,
  LogLevel,
  Message,
  OnLoadResult,
  OnResolveArgs,
  OnResolveResult,
  Plugin,
  PluginBuild,
} from 'esbuild'
import type { BuildMistake, BuildReply, BuildRequest } from './build-messages.ts'
import { type Resolution, resolveImport } from './resolve-import.ts'

// The builder's process: reads one request, bundles it from memory, writes one reply, ends. It is thrown away
// after each build, so that a source which brings the bundler down brings nothing else down.

/** The global in which a bundle leaves its module namespace; the guest takes it from there. */
const BUNDLE_GLOBAL = '__bulkhead_plugin'

/** Virtual namespaces: a path in them never names a file of the machine. */
const PLUGIN = 'plugin'
const SDK = 'sdk'
const GLOBALS = 'globals'
/** One module a global, so that each comes, or stays away, by itself. */
const INJECTED = 'injected'
const ENTRY = 'entry'

/** What is not in the map does not resolve: the only way for text into the bundle is {@link mapPlugin}. */
function mapPlugin(request: BuildRequest): Plugin {
  const files = new Map(request.files)
  const sdk = new Map(request.sdk)
  const globals = new Map(request.globals)
  return {
    name: 'file-map',
    setup(build) {
      build.onResolve({ filter: /.*/ }, (args) => resolve(args, request, { files, sdk, globals }))
      build.onLoad({ filter: /.*/, namespace: ENTRY }, () => ({ contents: entryOf(request), loader: 'js' }))
      build.onLoad({ filter: /.*/, namespace: SDK }, ({ path }) => contentsOf(sdk, path))
      build.onLoad({ filter: /.*/, namespace: GLOBALS }, ({ path }) => contentsOf(globals, path))
      build.onLoad({ filter: /.*/, namespace: INJECTED }, ({ path }) => ({
        contents: `export { ${path} } from ${JSON.stringify(`./${request.injected[path]}`)}`,
        loader: 'js',
      }))
      build.onLoad({ filter: /.*/, namespace: PLUGIN }, ({ path }) => loadChecked(build, files, path))
      // nothing resolves to the disk; if something did after all, it would end here
      build.onLoad({ filter: /.*/, namespace: 'file' }, ({ path }) => ({
        errors: [{ text: `${JSON.stringify(path)} is outside the plugin's folder` }],
      }))
    },
  }
}

type TextMap = ReadonlyMap<string, string>

interface Maps {
  readonly files: TextMap
  readonly sdk: TextMap
  readonly globals: TextMap
}

function resolve(args: OnResolveArgs, request: BuildRequest, { files, sdk, globals }: Maps): OnResolveResult {
  if (args.kind === 'entry-point') return resolveEntry(args.path)
  if (args.namespace === ENTRY) return { path: request.main, namespace: PLUGIN }
  const kind = args.kind === 'require-call' || args.kind === 'require-resolve' ? 'require' : 'import'
  if (args.namespace === SDK) {
    return toResult(resolveImport(sdk, args.importer, args.path, { packages: false, kind }), SDK)
  }
  if (args.namespace === INJECTED || args.namespace === GLOBALS) {
    const found = resolveImport(globals, args.importer, args.path, { packages: false, kind })
    return { ...toResult(found, GLOBALS), sideEffects: false }
  }
  if (args.path === 'bulkhead/plugin') return { path: request.sdkEntry, namespace: SDK }
  const attribute = args.with['type']
  if (attribute !== undefined && attribute !== 'json') {
    return {
      errors: [{ text: `with { type: ${JSON.stringify(attribute)} } is refused; only json is known` }],
    }
  }
  return toResult(
    resolveImport(files, args.importer, args.path, { packages: request.packages, kind }),
    PLUGIN,
  )
}

/** What is injected counts as an entry too. */
function resolveEntry(path: string): OnResolveResult {
  if (!path.startsWith(`${INJECTED}:`)) return { path: ENTRY, namespace: ENTRY }
  return { path: path.slice(INJECTED.length + 1), namespace: INJECTED, sideEffects: false }
}

function toResult(resolution: Resolution, namespace: string): OnResolveResult {
  if ('path' in resolution) return { path: resolution.path, namespace }
  return { errors: [{ text: resolution.refused }] }
}

/**
 * What the bundler only notes, and a plugin must not have: they would be bundled by what happens to lie on
 * the disk.
 */
const COMPUTED_IMPORTS: Record<string, LogLevel> = {
  'unsupported-dynamic-import': 'error',
  'unsupported-require-call': 'error',
  'indirect-require': 'error',
}

/** What a script that was built by us does not have, beside. */
const LEFTOVERS: Record<string, LogLevel> = { ...COMPUTED_IMPORTS, 'direct-eval': 'error' }

/**
 * While it bundles, the bundler takes `import(`./${name}.js`)` for a glob and walks the disk for it, past
 * every hook of a plugin. While it transforms one file it has no globs: there such an import is an error like
 * any computed one.
 */
async function loadChecked(
  build: PluginBuild,
  files: ReadonlyMap<string, string>,
  path: string,
): Promise<OnLoadResult> {
  const loaded = contentsOf(files, path)
  if (loaded.loader === 'json') return loaded
  try {
    await build.esbuild.transform(loaded.contents, {
      loader: loaded.loader,
      sourcefile: path,
      format: 'iife',
      target: 'esnext',
      tsconfigRaw: '{}',
      logLevel: 'silent',
      logOverride: COMPUTED_IMPORTS,
    })
    return loaded
  } catch (failure) {
    const errors = (failure as { errors?: Message[] }).errors
    if (errors === undefined) throw failure
    return { errors }
  }
}

function contentsOf(files: ReadonlyMap<string, string>, path: string): { contents: string; loader: Loader } {
  const loader = path.endsWith('.json') ? 'json' : path.endsWith('ts') ? 'ts' : 'js'
  return { contents: files.get(path) ?? '', loader }
}

/** The bundle's one export is `default`: the plugin. */
function entryOf(request: BuildRequest): string {
  if (request.isScript === true) return `import 'main'`
  if (request.exportName === undefined) return `export { default } from 'main'`
  const name = JSON.stringify(request.exportName)
  return `import * as module from 'main'; export default ${name} in module ? module[${name}] : module.default`
}

async function build(request: BuildRequest): Promise<BuildReply> {
  const bundler = (await import(request.bundler)) as { default: typeof import('esbuild') }
  const result = await bundler.default.build({
    entryPoints: [ENTRY],
    inject: Object.keys(request.injected).map((name) => `${INJECTED}:${name}`),
    plugins: [mapPlugin(request)],
    bundle: true,
    write: false,
    outfile: 'plugin.js',
    format: 'iife',
    globalName: BUNDLE_GLOBAL,
    target: 'esnext',
    platform: 'neutral',
    mainFields: [],
    tsconfigRaw: '{}',
    legalComments: 'none',
    charset: 'utf8',
    sourcemap: 'external',
    sourcesContent: false,
    logLevel: 'silent',
    logLimit: 0,
    logOverride: request.isScript === true ? LEFTOVERS : COMPUTED_IMPORTS,
  })
  const [sourceMap, code] = result.outputFiles.map((file) => file.text)
  return { code: strict(code ?? ''), sourceMap: withPlainSources(sourceMap ?? '{}') }
}

/**
 * Modules are strict. As a script they would not be, and a write to a frozen event would pass in silence. The
 * directive goes inside the function, so that the global is made however the script is evaluated, and onto
 * the first line, which no position maps to.
 */
function strict(code: string): string {
  const opening = `var ${BUNDLE_GLOBAL} = (() => {`
  if (!code.startsWith(opening)) throw new Error('the bundler begins the script in an unknown way')
  return `${opening} "use strict";${code.slice(opening.length)}`
}

/** `plugin:lib/topics.ts` becomes `lib/topics.ts`: a position is to read as the author knows the file. */
function withPlainSources(sourceMap: string): string {
  const map = JSON.parse(sourceMap) as { sources: string[] }
  map.sources = map.sources.map((source) =>
    source
      .replace(/^plugin:/, '')
      .replace(/^sdk:/, 'bulkhead/plugin/')
      .replace(/^globals:/, 'bulkhead/globals/'),
  )
  return JSON.stringify(map)
}

function replyTo(failure: unknown): BuildReply {
  const errors = (failure as { errors?: readonly Message[] }).errors
  return errors === undefined || errors.length === 0
    ? { gaveUp: String(failure) }
    : { errors: errors.map(mistakeOf) }
}

function mistakeOf({ text, location }: Message): BuildMistake {
  if (location === null) return { text }
  const file = location.file.replace(/^[a-z]+:/, '')
  return { text, file, line: location.line, column: location.column + 1 }
}

const request = JSON.parse(readFileSync(0, 'utf8')) as BuildRequest
const reply = Buffer.from(JSON.stringify(await build(request).catch(replyTo)))
for (let written = 0; written < reply.length; ) written += writeSync(1, reply, written)
// the bundler's own process would keep this one alive
process.exit(0)
