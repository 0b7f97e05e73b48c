import { DataException } from './data-exception.ts'

type Copies = Map<object, object>

/**
 * `structuredClone` [HTML standard, 2.7] of what a plugin's data is made of: plain objects, arrays, Map, Set,
 * Date, RegExp, errors, buffers and their views, boxed primitives, and cycles among them. An instance of a
 * class becomes a plain object.
 *
 * @throws DataCloneError for functions, symbols and what cannot be copied; for a `transfer` list.
 */
export function structuredClone(value: unknown, options?: { transfer?: readonly unknown[] } | null): unknown {
  if ((options?.transfer?.length ?? 0) > 0) throw refusal('a transfer list')
  return copy(value, new Map())
}

function copy(value: unknown, copies: Copies): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') throw refusal(`a ${typeof value}`)
  if (typeof value !== 'object' || value === null) return value
  return copies.get(value) ?? copyObject(value, copies)
}

function copyObject(value: object, copies: Copies): object {
  const known = (twin: object): object => {
    copies.set(value, twin)
    return twin
  }
  if (Array.isArray(value)) return copyFields(value, known(new Array(value.length)), copies)
  if (value instanceof Map) return copyMap(value, known(new Map()) as Map<unknown, unknown>, copies)
  if (value instanceof Set) return copySet(value, known(new Set()) as Set<unknown>, copies)
  if (value instanceof Date) return known(new Date(value.getTime()))
  if (value instanceof RegExp) return known(new RegExp(value.source, value.flags))
  if (value instanceof ArrayBuffer) return known(value.slice(0))
  if (ArrayBuffer.isView(value)) return known(copyView(value, copies))
  if (value instanceof Error) return copyError(value, known, copies)
  if (BOXED.some((kind) => value instanceof kind))
    return known(new Object((value as { valueOf(): unknown }).valueOf()))
  const refused = REFUSED.find((kind) => value instanceof kind)
  if (refused !== undefined) throw refusal(`a ${refused.name}`)
  return copyFields(value, known({}), copies)
}

type Kind = abstract new (...args: never[]) => object
const BOXED = [Boolean, Number, String, BigInt] as unknown as readonly Kind[]
/** What holds a state that no copy could have. */
const REFUSED = [Promise, WeakMap, WeakSet, Symbol, Iterator] as unknown as readonly (Kind & {
  name: string
})[]

/** Own, enumerable, named by a string: what `JSON` would see too. Getters are read once. */
function copyFields(from: object, to: object, copies: Copies): object {
  for (const key of Object.keys(from)) {
    // defined, not set: a key may be `__proto__`
    Object.defineProperty(to, key, {
      value: copy((from as Record<string, unknown>)[key], copies),
      writable: true,
      enumerable: true,
      configurable: true,
    })
  }
  return to
}

/** The entries are taken first: a getter among the values may change the map. */
function copyMap(from: ReadonlyMap<unknown, unknown>, to: Map<unknown, unknown>, copies: Copies): object {
  for (const [key, value] of Array.from(from)) to.set(copy(key, copies), copy(value, copies))
  return to
}

function copySet(from: ReadonlySet<unknown>, to: Set<unknown>, copies: Copies): object {
  for (const value of Array.from(from)) to.add(copy(value, copies))
  return to
}

/** Views of one buffer stay views of one buffer. */
function copyView(view: ArrayBufferView, copies: Copies): object {
  const buffer = copy(view.buffer, copies) as ArrayBuffer
  const Same = VIEWS.find((kind) => view instanceof kind)
  if (Same === undefined) throw refusal('an unknown view')
  const length = view instanceof DataView ? view.byteLength : (view as Uint8Array).length
  return new Same(buffer, view.byteOffset, length)
}

type ViewKind = new (buffer: ArrayBuffer, offset: number, length: number) => object
const VIEWS: readonly ViewKind[] = [
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
  Int8Array,
  Int16Array,
  Int32Array,
  BigInt64Array,
  BigUint64Array,
  Float16Array,
  Float32Array,
  Float64Array,
  DataView,
]

/**
 * An error's name decides its kind; an unknown one becomes an `Error`. Of its fields these three are kept.
 */
function copyError(error: Error, known: (twin: object) => object, copies: Copies): object {
  const Same = ERRORS.find((kind) => kind.name === error.name) ?? Error
  const twin = known(new Same())
  for (const key of ['message', 'stack', 'cause'] as const) {
    if (!Object.hasOwn(error, key)) continue
    const value = key === 'cause' ? copy(error.cause, copies) : `${error[key]}`
    Object.defineProperty(twin, key, { value, writable: true, configurable: true })
  }
  return twin
}

const ERRORS = [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError] as const

function refusal(what: string): DataException {
  return new DataException(`${what} could not be cloned`, 'DataCloneError', structuredClone)
}
