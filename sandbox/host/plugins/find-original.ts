/** A place in one of a plugin's own files; all numbers from 0. */
export interface Original {
  readonly source: number
  readonly line: number
  readonly column: number
}

/**
 * Finds where a place in a bundle comes from. A source map's mappings are differences, so that all in front
 * of the place must be read; they are read from the text as it is, into five numbers: a map is as long as its
 * plugin likes, and the broker's loop waits for this.
 *
 * @param mappings as the source map format writes them (ECMA-426): `;` ends a line, `,` a segment.
 */
export function findOriginal(mappings: string, line: number, column: number): Original | undefined {
  const state = new Cursor()
  let found: Original | undefined
  for (let at = 0; at < mappings.length && state.generatedLine <= line; ) {
    const unit = mappings.charCodeAt(at)
    if (unit === SEMICOLON) state.nextLine()
    if (unit === SEMICOLON || unit === COMMA) {
      at += 1
      continue
    }
    at = state.read(mappings, at)
    if (state.generatedLine !== line) continue
    // segments of a line stand in order of their columns
    if (state.generatedColumn > column) return found
    found = state.original
  }
  return found
}

/** What has been read so far. */
class Cursor {
  generatedLine = 0
  generatedColumn = 0
  #source = 0
  #line = 0
  #column = 0
  #hasOriginal = false
  #value = 0

  get original(): Original | undefined {
    return this.#hasOriginal ? { source: this.#source, line: this.#line, column: this.#column } : undefined
  }

  nextLine(): void {
    this.generatedLine += 1
    this.generatedColumn = 0
  }

  /** Reads one segment. @returns the place after it. */
  read(mappings: string, from: number): number {
    let at = from
    let fields = 0
    while (at < mappings.length && !isSeparator(mappings.charCodeAt(at))) {
      at = this.#readNumber(mappings, at)
      if (fields === 0) this.generatedColumn += this.#value
      else if (fields === 1) this.#source += this.#value
      else if (fields === 2) this.#line += this.#value
      else if (fields === 3) this.#column += this.#value
      fields += 1
    }
    this.#hasOriginal = fields >= 4
    return at
  }

  /** One number in base 64: five bits a digit, the lowest first, the sign in the very first. */
  #readNumber(mappings: string, from: number): number {
    let at = from
    let bits = 0
    let shift = 0
    for (;;) {
      const digit = DIGITS[mappings.charCodeAt(at)] ?? 0
      at += 1
      if (shift < MOST_SHIFT) bits += (digit & 31) << shift
      shift += 5
      if ((digit & 32) === 0 || at >= mappings.length) break
    }
    this.#value = (bits & 1) === 1 ? -(bits >> 1) : bits >> 1
    return at
  }
}

function isSeparator(unit: number): boolean {
  return unit === COMMA || unit === SEMICOLON
}

const COMMA = 44
const SEMICOLON = 59
/** A number of a map fits 32 bits; what a hostile one adds is ignored. */
const MOST_SHIFT = 30
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const DIGITS = new Uint8Array(128)
for (let digit = 0; digit < ALPHABET.length; digit += 1) DIGITS[ALPHABET.charCodeAt(digit)] = digit
