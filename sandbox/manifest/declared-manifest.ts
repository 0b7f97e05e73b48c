import { type Document, isScalar, LineCounter, parseDocument, visit } from 'yaml'
import { BulkheadError } from '../../src/base/errors.ts'
import { MANIFEST_DEPTH, PLUGIN_YAML_KIB } from '../limits.ts'
import { nestsTooDeep } from './manifest-size.ts'

/** What a plugin's files say of it, before anything of it has run. Unchecked: see `checkManifest`. */
export interface DeclaredManifest {
  /** The folder's own name. */
  readonly folder: string
  readonly packageName?: string
  readonly packageVersion?: string
  /** plugin.yaml as plain data. */
  readonly yaml?: Readonly<Record<string, unknown>>
  /** plugin.yaml's `main`: which file is the plugin; needed to build it. */
  readonly main?: string
}

/**
 * Reads what stands beside the code.
 *
 * @throws BulkheadError ERR_PLUGIN_MANIFEST when plugin.yaml is no YAML map, or too large.
 */
export function readDeclared(
  folder: string,
  pluginYaml: string | undefined,
  packageJson: Readonly<Record<string, unknown>> | undefined,
): DeclaredManifest {
  const yaml = pluginYaml === undefined ? undefined : parsePluginYaml(folder, pluginYaml)
  const packageName = packageJson?.['name']
  const packageVersion = packageJson?.['version']
  const main = yaml?.['main']
  if (main !== undefined && typeof main !== 'string') throw wrong(folder, 'main must be the name of a file')
  return {
    folder,
    ...(typeof packageName === 'string' ? { packageName } : {}),
    ...(typeof packageVersion === 'string' ? { packageVersion } : {}),
    ...(yaml === undefined ? {} : { yaml }),
    ...(main === undefined ? {} : { main }),
  }
}

function parsePluginYaml(folder: string, text: string): Readonly<Record<string, unknown>> {
  const kib = Math.ceil(Buffer.byteLength(text) / 1024)
  if (kib > PLUGIN_YAML_KIB) throw wrong(folder, `it has ${kib} KiB; the limit is ${PLUGIN_YAML_KIB}`)
  if (nestsTooDeep(text)) throw wrong(folder, `it nests deeper than ${MANIFEST_DEPTH} levels`)
  const lineCounter = new LineCounter()
  const document = parseDocument(text, {
    schema: 'core',
    version: '1.2',
    // the library compares each key with every other
    uniqueKeys: false,
    prettyErrors: true,
    lineCounter,
  })
  const mistake = document.errors[0]?.message ?? doubledKey(document, lineCounter)
  if (mistake !== undefined) throw wrong(folder, mistake)
  const value = toPlain(folder, document)
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw wrong(folder, 'it must be a map of keys, such as `name:` and `hooks:`')
}

function doubledKey(document: Document, lines: LineCounter): string | undefined {
  let found: string | undefined
  visit(document, {
    Map(_, { items }) {
      const keys = new Set<unknown>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        if (keys.has(key.value)) {
          const { line } = lines.linePos(key.range?.[0] ?? 0)
          found = `the key ${JSON.stringify(key.value)} is there again in line ${line}`
          return visit.BREAK
        }
        keys.add(key.value)
      }
      return undefined
    },
  })
  return found
}

function toPlain(folder: string, document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 })
  } catch (cause) {
    throw wrong(folder, 'aliases (*name) are refused', cause)
  }
}

function wrong(folder: string, what: string, cause?: unknown): BulkheadError {
  return new BulkheadError('ERR_PLUGIN_MANIFEST', `plugin ${folder}: plugin.yaml: ${what}`, { cause })
}
