import { SourceMap, type SourceMapPayload } from 'node:module'

/** `plugin:main:LINE:COLUMN`, as the guest names places in a bundle. */
const POSITION = /plugin:main:(\d{1,7}):(\d{1,7})/g

/** Turns positions in a bundle into positions in the plugin's own files, for logs. */
export class Positions {
  readonly #json: string
  #map: SourceMap | undefined

  /** @param json the bundle's source map, or '' when it has none. */
  constructor(json: string) {
    this.#json = json
  }

  /** The text with each position that is known mapped, others left as they are. */
  mapText(text: string): string {
    if (this.#json === '' || !text.includes('plugin:main:')) return text
    return text.replace(POSITION, (whole, line: string, column: string) => {
      const entry = this.#entry(Number(line) - 1, Number(column) - 1)
      return entry === undefined
        ? whole
        : `${entry.file.slice(0, FILE_CHARS)}:${entry.line + 1}:${entry.column + 1}`
    })
  }

  #entry(line: number, column: number): { file: string; line: number; column: number } | undefined {
    // parsed when the first fault is logged: most plugins never have one
    this.#map ??= readMap(this.#json)
    const entry = this.#map.findEntry(line, column)
    if (!('originalSource' in entry) || typeof entry.originalSource !== 'string') return undefined
    return { file: entry.originalSource, line: entry.originalLine, column: entry.originalColumn }
  }
}

const FILE_CHARS = 128

/** A map travels beside its bundle and may be anything: one that is no map maps nothing. */
function readMap(json: string): SourceMap {
  try {
    return new SourceMap(JSON.parse(json) as SourceMapPayload)
  } catch {
    return new SourceMap({
      file: '',
      version: 3,
      sources: [],
      sourcesContent: [],
      names: [],
      mappings: '',
      sourceRoot: '',
    })
  }
}
