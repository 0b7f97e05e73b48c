import { ENCODED, percentDecode, percentEncode } from './percent-encode.ts'
import { toScalarText } from './to-text.ts'

type Pair = [name: string, value: string]
type Init = string | Iterable<Iterable<unknown>> | Readonly<Record<string, unknown>> | null

/** Where the parameters of a `URL` come from and go to. */
export interface QueryOwner {
  /** Without `?`. */
  readonly query: string
  changed(query: string): void
}

let tie: (params: URLSearchParams, owner: QueryOwner) => () => void

/** Parameters of a URL; `refresh` takes over what its query has become. For `URL` alone. */
export function ownedParams(owner: QueryOwner): { params: URLSearchParams; refresh(): void } {
  const params = new URLSearchParams()
  return { params, refresh: tie(params, owner) }
}

/** `URLSearchParams` [URL standard, 6.2]. */
export class URLSearchParams {
  #pairs: Pair[]
  #owner: QueryOwner | undefined

  static {
    tie = (params, owner) => {
      const refresh = (): void => {
        params.#pairs = parsePairs(owner.query)
      }
      refresh()
      params.#owner = owner
      return refresh
    }
  }

  constructor(init: Init = '') {
    this.#pairs =
      typeof init === 'object' && init !== null ? pairsOf(init) : parsePairs(withoutMark(toScalarText(init)))
  }

  get size(): number {
    return this.#pairs.length
  }

  append(name: unknown, value: unknown): void {
    this.#pairs.push([toScalarText(name), toScalarText(value)])
    this.#changed()
  }

  delete(name: unknown, value?: unknown): void {
    const [wantedName, wantedValue] = wanted(name, value)
    this.#pairs = this.#pairs.filter((pair) => !fits(pair, wantedName, wantedValue))
    this.#changed()
  }

  get(name: unknown): string | null {
    const wantedName = toScalarText(name)
    return this.#pairs.find((pair) => pair[0] === wantedName)?.[1] ?? null
  }

  getAll(name: unknown): string[] {
    const wantedName = toScalarText(name)
    return this.#pairs.filter((pair) => pair[0] === wantedName).map((pair) => pair[1])
  }

  has(name: unknown, value?: unknown): boolean {
    const [wantedName, wantedValue] = wanted(name, value)
    return this.#pairs.some((pair) => fits(pair, wantedName, wantedValue))
  }

  set(name: unknown, value: unknown): void {
    const [wantedName, newValue] = [toScalarText(name), toScalarText(value)]
    const first = this.#pairs.findIndex((pair) => pair[0] === wantedName)
    if (first < 0) this.#pairs.push([wantedName, newValue])
    else {
      const replaced: Pair = [wantedName, newValue]
      this.#pairs = this.#pairs.flatMap((pair, place) => {
        if (place === first) return [replaced]
        return pair[0] === wantedName ? [] : [pair]
      })
    }
    this.#changed()
  }

  /** By name, in the order of code units; pairs of one name stay in theirs. */
  sort(): void {
    this.#pairs.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
    this.#changed()
  }

  forEach(
    visit: (value: string, name: string, params: URLSearchParams) => unknown,
    receiver?: unknown,
  ): void {
    if (typeof visit !== 'function') throw new TypeError('forEach() takes a function')
    for (const [name, value] of this) visit.call(receiver, value, name, this)
  }

  /** What is added while it runs is seen too. */
  *entries(): IterableIterator<[name: string, value: string]> {
    for (let place = 0; place < this.#pairs.length; place += 1) {
      const [name, value] = this.#pairs[place] as Pair
      yield [name, value]
    }
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this.entries()) yield name
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this.entries()) yield value
  }

  [Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    return this.entries()
  }

  toString(): string {
    return this.#pairs.map(([name, value]) => `${formEncode(name)}=${formEncode(value)}`).join('&')
  }

  get [Symbol.toStringTag](): string {
    return 'URLSearchParams'
  }

  #changed(): void {
    this.#owner?.changed(this.toString())
  }
}

function withoutMark(text: string): string {
  return text.startsWith('?') ? text.slice(1) : text
}

function wanted(name: unknown, value: unknown): readonly [string, string | undefined] {
  return [toScalarText(name), value === undefined ? undefined : toScalarText(value)]
}

function fits(pair: Pair, name: string, value: string | undefined): boolean {
  return pair[0] === name && (value === undefined || pair[1] === value)
}

function pairsOf(init: Iterable<Iterable<unknown>> | Readonly<Record<string, unknown>>): Pair[] {
  if (!isIterable(init)) {
    // two keys may become one: the later one counts, at the place of the first
    const fields = Object.keys(init).map((name): Pair => [toScalarText(name), toScalarText(init[name])])
    return [...new Map(fields)]
  }
  return Array.from(init, (each): Pair => {
    const pair: unknown[] = isIterable(each) ? [...each] : []
    if (pair.length !== 2) throw new TypeError('each pair must be an iterable [name, value]')
    return [toScalarText(pair[0]), toScalarText(pair[1])]
  })
}

function isIterable(value: unknown): value is Iterable<unknown> & Iterable<Iterable<unknown>> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}

/** `application/x-www-form-urlencoded` [URL standard, 5.1]. */
function parsePairs(query: string): Pair[] {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=')
      return at < 0 ? [formDecode(part), ''] : [formDecode(part.slice(0, at)), formDecode(part.slice(at + 1))]
    })
}

function formDecode(text: string): string {
  return percentDecode(text.replaceAll('+', ' '))
}

function formEncode(text: string): string {
  return percentEncode(text, ENCODED.form).replaceAll('%20', '+')
}
