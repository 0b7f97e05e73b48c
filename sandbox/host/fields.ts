import { didYouMean } from '../../src/base/nearest.ts'

/**
 * Why an untrusted value is refused: a value like any other, not thrown, since refusing is an expected case.
 */
export class Mistake {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** The same, one level further out. */
  under(place: string): Mistake {
    return new Mistake(
      `${place}${this.text.startsWith('[') || this.text.startsWith(':') ? '' : '.'}${this.text}`,
    )
  }
}

/** Reads an untrusted value: a copy made of nothing but what was checked, or a {@link Mistake}. */
export type Field = (value: unknown) => unknown

/** The fields that an object may have; no others. */
export type Shape = Readonly<Record<string, Field>>

const mustBe = (what: string): Mistake => new Mistake(`: must be ${what}`)

export const flag: Field = (value) => (typeof value === 'boolean' ? value : mustBe('true or false'))

export function integer(least: number, most: number): Field {
  const what = mustBe(`an integer from ${least} to ${most}`)
  return (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most ? value : what
}

export function oneOf(...allowed: readonly (string | number | boolean)[]): Field {
  const what = mustBe(`one of ${allowed.map((each) => JSON.stringify(each)).join(', ')}`)
  return (value) => (allowed.includes(value as string) ? value : what)
}

/** Text that can stand in a packet and in a log: well-formed, without control characters. */
export function text(mostBytes: number, leastBytes = 0): Field {
  const size = leastBytes > 0 ? `${leastBytes} to ${mostBytes}` : `at most ${mostBytes}`
  const what = mustBe(`text of ${size} bytes`)
  const printable = mustBe('well-formed text without control characters')
  return (value) => {
    if (typeof value !== 'string' || value.length > mostBytes) return what
    if (!value.isWellFormed() || CONTROL.test(value)) return printable
    const bytes = Buffer.byteLength(value)
    return bytes >= leastBytes && bytes <= mostBytes ? value : what
  }
}

// oxlint-disable-next-line no-control-regex -- they are what it is about
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/

export function list(each: Field, most: number): Field {
  const what = mustBe(`a list of at most ${most}`)
  return (value) => {
    if (!Array.isArray(value) || value.length > most) return what
    const copy: unknown[] = []
    for (let index = 0; index < value.length; index += 1) {
      const item = each(value[index])
      if (item instanceof Mistake) return item.under(`[${index}]`)
      copy.push(item)
    }
    return Object.freeze(copy)
  }
}

/** A pair of texts, as user properties are. */
export function pair(each: Field): Field {
  const items = list(each, 2)
  return (value) => (Array.isArray(value) && value.length === 2 ? items(value) : mustBe('a pair of texts'))
}

/** An object with any keys, each with the same kind of value. */
export function textMap(key: Field, each: Field, most: number): Field {
  const what = mustBe(`an object with at most ${most} keys`)
  return (value) => {
    if (!isObject(value)) return what
    const entries = Object.entries(value)
    if (entries.length > most) return what
    const copy = Object.create(null) as Record<string, unknown>
    for (const [name, own] of entries) {
      const checked = key(name) instanceof Mistake ? key(name) : each(own)
      if (checked instanceof Mistake) return checked.under(JSON.stringify(name.slice(0, 64)))
      copy[name] = checked
    }
    return Object.freeze(copy)
  }
}

/** An object with these fields and no others; each may be absent unless `required` names it. */
export function object(shape: Shape, required: readonly string[] = []): Field {
  const known = Object.keys(shape)
  return (value) => {
    if (!isObject(value)) return mustBe('an object')
    const copy: Record<string, unknown> = {}
    for (const name of Object.keys(value)) {
      const field = Object.hasOwn(shape, name) ? shape[name] : undefined
      if (field === undefined) return new Mistake(`${unknownKey(name)}${didYouMean(name, known)}`)
      const checked = field(value[name])
      if (checked instanceof Mistake) return checked.under(name)
      copy[name] = checked
    }
    const missing = required.find((name) => !Object.hasOwn(copy, name))
    return missing === undefined ? Object.freeze(copy) : new Mistake(`${missing}: is missing`)
  }
}

function unknownKey(name: string): string {
  return `${JSON.stringify(name.slice(0, 64))}: is unknown here`
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
