import { construct, define, deleteProperty, emptyRecord, ownKeys, prototypeOf } from './primordials.ts'

/**
 * What a plugin finds in its global scope; whatever else an engine brings, today or after an upgrade, is
 * deleted. Left out on purpose: WebAssembly and SharedArrayBuffer (memory that no limit counts), Atomics
 * (waits), FinalizationRegistry and WeakRef (callbacks outside the time limit), Temporal (a fine clock), eval
 * and Function.
 */
// biome-ignore format: a table
const GLOBALS = [
  'globalThis', 'undefined', 'NaN', 'Infinity', 'Object', 'Array', 'Number', 'Boolean', 'String', 'Symbol',
  'BigInt', 'Math', 'Date', 'RegExp', 'JSON', 'Intl', 'Promise', 'Proxy', 'Reflect', 'Iterator', 'Map',
  'Set', 'WeakMap', 'WeakSet', 'Error', 'AggregateError', 'EvalError', 'RangeError', 'ReferenceError',
  'SyntaxError', 'TypeError', 'URIError', 'SuppressedError', 'DisposableStack', 'AsyncDisposableStack',
  'ArrayBuffer', 'DataView', 'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array',
  'Int32Array', 'Uint32Array', 'BigInt64Array', 'BigUint64Array', 'Float16Array', 'Float32Array',
  'Float64Array', 'parseFloat', 'parseInt', 'isFinite', 'isNaN', 'escape', 'unescape', 'decodeURI',
  'decodeURIComponent', 'encodeURI', 'encodeURIComponent',
] as const

/** All that the standard gave a buffer before buffers could grow, or move elsewhere. */
const BUFFER_PROPERTIES = ['constructor', 'byteLength', 'slice', Symbol.toStringTag] as const

/** Takes away what a decision never needs and an attack does. Runs once, before any plugin code. */
export function harden(): void {
  removeCodeFromText()
  removeResizableBuffers()
  fixToJson()
  // V8's own forerunner of Intl.Segmenter: no standard says what it may do
  deleteProperty(Intl, 'v8BreakIterator')
  keepOnly(globalThis, GLOBALS)
}

function keepOnly(target: object, names: readonly PropertyKey[]): void {
  const kept = emptyRecord<true>()
  for (let index = 0; index < names.length; index += 1) kept[names[index] as PropertyKey] = true
  const present = ownKeys(target)
  for (let index = 0; index < present.length; index += 1) {
    const name = present[index] as PropertyKey
    if (kept[name] !== true) deleteProperty(target, name)
  }
}

/** `(() => {}).constructor` is the way back to Function, for each of the four kinds of functions. */
function removeCodeFromText(): void {
  const kinds = [() => {}, async () => {}, function* () {}, async function* () {}]
  for (let index = 0; index < kinds.length; index += 1) {
    define(prototypeOf(kinds[index] as object) as object, 'constructor', sealed(undefined))
  }
}

/** V8 does not count the memory of resizable buffers: the constructor forgets its options, the methods go. */
function removeResizableBuffers(): void {
  const Real = ArrayBuffer
  function PlainArrayBuffer(length: number): object {
    if (new.target === undefined) throw new TypeError("Constructor ArrayBuffer requires 'new'")
    return construct(Real, [length], new.target) as object
  }
  keepOnly(Real.prototype, BUFFER_PROPERTIES)
  define(PlainArrayBuffer, 'name', { value: 'ArrayBuffer' })
  define(PlainArrayBuffer, 'isView', { value: Real.isView })
  define(PlainArrayBuffer, 'prototype', sealed(Real.prototype))
  define(Real.prototype, 'constructor', sealed(PlainArrayBuffer))
  define(globalThis, 'ArrayBuffer', { value: PlainArrayBuffer, writable: true, configurable: true })
}

/**
 * An inherited `toJSON` would rewrite what the guest itself turns into JSON. Own ones stay an author's tool.
 */
function fixToJson(): void {
  const kinds = [Object, Array, String, Number, Boolean, BigInt, Symbol]
  for (let index = 0; index < kinds.length; index += 1) {
    define((kinds[index] as { prototype: object }).prototype, 'toJSON', sealed(undefined))
  }
}

function sealed(value: unknown): PropertyDescriptor {
  return { value, writable: false, enumerable: false, configurable: false }
}
