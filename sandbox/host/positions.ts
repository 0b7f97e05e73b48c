import { SOURCE_MAP_KIB } from '../limits.ts'

/** `plugin:main:LINE:COLUMN`, as the guest names places in a bundle. */
const POSITION = /plugin:main:(\d{1,7}):(\d{1,7})/g

/**
 * Turns positions in a bundle into positions in the plugin's own files, for logs. The map is its author's
 * text, read in the broker: it is scanned up to the place that is looked for, and nothing is built of it.
 */
export class Positions {
  readonly #json: string
  #map: { readonly sources: readonly unknown[]; readonly mappings: string } | undefined
  /** A client can cause the same fault again and again: what was found is kept, so many at most. */
  readonly #found: Map<string, string> = new Map()

  /** @param json the bundle's source map, or '' when it has none. */
  constructor(json: string) {
    this.#json = json.length > SOURCE_MAP_KIB * 1024 ? '' : json
  }

  /** The text with each position that is known mapped, others left as they are. */
  mapText(text: string): string {
    if (this.#json === '' || !text.includes('plugin:main:')) return text
    return text.replace(POSITION, (whole, line: string, column: string) => {
      const known = this.#found.get(whole)
      if (known !== undefined) return known
      const mapped = this.#mapped(Number(line) - 1, Number(column) - 1) ?? whole
      if (this.#found.size < POSITIONS_KEPT) this.#found.set(whole, mapped)
      return mapped
    })
  }

  #mapped(line: number, column: number): string | undefined {
    // parsed when the first fault is logged: most plugins never have one
    this.#map ??= readMap(this.#json)
    const place = findPlace(this.#map.mappings, line, column)
    const file = place === undefined ? undefined : this.#map.sources[place.source]
    if (place === undefined || typeof file !== 'string') return undefined
    return `${file.slice(0, FILE_CHARS)}:${place.line + 1}:${place.column + 1}`
  }
}

const FILE_CHARS = 128
const POSITIONS_KEPT = 64

/** A map travels beside its bundle and may be anything: one that is no map maps nothing. */
function readMap(json: string): { readonly sources: readonly unknown[]; readonly mappings: string } {
  try {
    const map = JSON.parse(json) as { readonly sources?: unknown; readonly mappings?: unknown } | null
    if (Array.isArray(map?.sources) && typeof map.mappings === 'string') {
      return { sources: map.sources, mappings: map.mappings }
    }
  } catch {
    // no JSON is no map either
  }
  return { sources: [], mappings: '' }
}

interface Place {
  readonly source: number
  readonly line: number
  readonly column: number
}

/**
 * The last mapping of a line that is not behind the column. Mappings are base 64 VLQ [ECMA-426]: fields are
 * relative to the mapping before, columns of the bundle to the one before in the line.
 */
function findPlace(mappings: string, wantedLine: number, wantedColumn: number): Place | undefined {
  const fields = [0, 0, 0, 0]
  let found: Place | undefined
  let line = 0
  let field = 0
  let value = 0
  let shift = 0
  for (let at = 0; at <= mappings.length; at += 1) {
    const unit = at === mappings.length ? LINE_END : mappings.charCodeAt(at)
    if (unit === LINE_END || unit === MAPPING_END) {
      if (line === wantedLine && field >= 1) {
        if ((fields[0] as number) > wantedColumn) return found
        found = field < 4 ? undefined : placeOf(fields)
      }
      field = 0
      if (unit === MAPPING_END) continue
      if (line === wantedLine) return found
      line += 1
      fields[0] = 0
      continue
    }
    const digit = DIGITS[unit] ?? -1
    if (digit < 0) return undefined
    value |= (digit & 31) << shift
    shift += 5
    if ((digit & 32) !== 0) continue
    if (field < 4)
      fields[field] = (fields[field] as number) + ((value & 1) === 1 ? -(value >>> 1) : value >>> 1)
    field += 1
    value = 0
    shift = 0
  }
  return undefined
}

function placeOf([, source = 0, line = 0, column = 0]: readonly number[]): Place {
  return { source, line, column }
}

const LINE_END = 59 // ;
const MAPPING_END = 44 // ,
const BASE_64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const DIGITS = new Int8Array(128).fill(-1)
for (let digit = 0; digit < BASE_64.length; digit += 1) DIGITS[BASE_64.charCodeAt(digit)] = digit
