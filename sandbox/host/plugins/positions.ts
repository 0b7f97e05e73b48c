import { MAPPED_KEPT, SOURCE_MAP_KIB, SOURCE_MAP_PARTS } from '../../limits.ts'
import { isObject } from '../fields.ts'
import { parseWeighed } from '../questions/weigh-json.ts'
import { findOriginal } from './find-original.ts'

/** `plugin:main:LINE:COLUMN`, as the guest names places in a bundle. */
const POSITION = /plugin:main:(\d{1,7}):(\d{1,7})/g

/** What is used of a source map. */
interface SourceMap {
  readonly sources: readonly unknown[]
  readonly mappings: string
}

/** Turns positions in a bundle into positions in the plugin's own files, for logs. */
export class Positions {
  readonly #json: string
  #map: SourceMap | undefined
  /** A plugin that throws mostly throws at the same places. */
  readonly #mapped = new Map<string, string>()

  /** @param json the bundle's source map, or '' when it has none; one that is too large maps nothing. */
  constructor(json: string) {
    this.#json = json.length > SOURCE_MAP_KIB * 1024 ? '' : json
  }

  /** The text with each position that is known mapped, others left as they are. */
  mapText(text: string): string {
    if (this.#json === '' || !text.includes('plugin:main:')) return text
    return text.replace(POSITION, (whole, line: string, column: string) => this.#known(whole, line, column))
  }

  #known(whole: string, line: string, column: string): string {
    const known = this.#mapped.get(whole)
    if (known !== undefined) return known
    if (this.#mapped.size >= MAPPED_KEPT) this.#mapped.clear()
    const mapped = this.#place(Number(line) - 1, Number(column) - 1) ?? whole
    this.#mapped.set(whole, mapped)
    return mapped
  }

  #place(line: number, column: number): string | undefined {
    // parsed when the first fault is logged: most plugins never have one
    this.#map ??= readMap(this.#json)
    const original = findOriginal(this.#map.mappings, line, column)
    const source = original && this.#map.sources[original.source]
    if (original === undefined || typeof source !== 'string') return undefined
    return `${source.slice(0, FILE_CHARS)}:${original.line + 1}:${original.column + 1}`
  }
}

const FILE_CHARS = 128
const NO_MAP: SourceMap = { sources: [], mappings: '' }

/** A map travels beside its bundle and may be anything: one that is no map maps nothing. */
function readMap(json: string): SourceMap {
  const map = parseWeighed(json, SOURCE_MAP_PARTS)
  if (!isObject(map)) return NO_MAP
  const { sources, mappings } = map
  return Array.isArray(sources) && typeof mappings === 'string' ? { sources, mappings } : NO_MAP
}
