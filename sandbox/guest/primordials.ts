/**
 * The built-ins that the guest itself needs, taken before any plugin code runs: a plugin may patch every
 * prototype of its realm and still cannot change how its own answers are read. Methods are bound to `call`,
 * so that using one looks up nothing on a prototype that the plugin owns.
 */
type Method<This, Args extends unknown[], Result> = (this: This, ...args: Args) => Result
type Uncurried<This, Args extends unknown[], Result> = (self: This, ...args: Args) => Result

const uncurry = Function.prototype.bind.bind(Function.prototype.call) as <
  This,
  Args extends unknown[],
  Result,
>(
  method: Method<This, Args, Result>,
) => Uncurried<This, Args, Result>

export const parseJson: (text: string) => unknown = JSON.parse
export const toJson: (value: unknown) => string | undefined = JSON.stringify
/** Like {@link toJson}; `replace` is asked what stands for each value. */
export const toJsonWith: (
  value: unknown,
  replace: (key: string, value: unknown) => unknown,
) => string | undefined = JSON.stringify
export const now: () => number = Date.now
export const toText: (value: unknown) => string = String
// oxlint-disable-next-line no-eval -- how plugin code gets in; it is deleted before any of it runs
export const evaluate: (code: string) => unknown = eval
export const freeze: <T>(value: T) => T = Object.freeze
export const isFrozen: (value: unknown) => boolean = Object.isFrozen
export const define: (target: object, key: PropertyKey, property: PropertyDescriptor) => void =
  Object.defineProperty
export const ownDescriptor: (value: object, key: PropertyKey) => PropertyDescriptor | undefined =
  Object.getOwnPropertyDescriptor
export const ownKeys: (value: object) => readonly PropertyKey[] = Reflect.ownKeys
export const deleteProperty: (target: object, key: PropertyKey) => boolean = Reflect.deleteProperty
export const prototypeOf: (value: object) => object | null = Object.getPrototypeOf
export const construct: typeof Reflect.construct = Reflect.construct

export const sliceText: Uncurried<string, [start: number, end?: number], string> = uncurry(
  String.prototype.slice,
)
export const indexInText: Uncurried<string, [part: string, from?: number], number> = uncurry(
  String.prototype.indexOf,
)
export const unitAt: Uncurried<string, [index: number], number> = uncurry(String.prototype.charCodeAt)

/**
 * Throws a TypeError unless `promise` is a native one: the brand is checked by the engine, not by a property.
 */
export const whenSettled: (
  promise: object,
  fulfilled: (value: unknown) => void,
  rejected: (reason: unknown) => void,
) => void = uncurry(Promise.prototype.then) as typeof whenSettled

const NativeError = Error
/** Not whatever the plugin has put into `Error`. */
export function newError(message: string): Error {
  return new NativeError(message)
}

const NativePromise = Promise
export function newPromise(
  executor: (resolve: (value: unknown) => void, reject: (reason: unknown) => void) => void,
): Promise<unknown> {
  return new NativePromise(executor)
}

const Bytes = Uint8Array as typeof Uint8Array & { fromBase64(text: string): Uint8Array }
const toBase64 = (Bytes.prototype as Uint8Array & { toBase64(): string }).toBase64
/** @throws TypeError unless it is a Uint8Array: the brand is checked by the engine. */
export const encodeBase64: Uncurried<Uint8Array, [], string> = uncurry(toBase64)
/** Whether it is a Uint8Array, and no subclass's or proxy's word: the engine's own slot answers. */
export const isBytes = (value: object): boolean => arrayKind(value) === 'Uint8Array'
const arrayKind: Uncurried<object, [], string | undefined> = uncurry(
  ownDescriptor(prototypeOf(Bytes.prototype) as object, Symbol.toStringTag)?.get as () => string | undefined,
)
const fromBase64 = Bytes.fromBase64
export const decodeBase64 = (text: string): Uint8Array => callFromBase64(Bytes, text)
const callFromBase64 = uncurry(fromBase64) as (receiver: object, text: string) => Uint8Array

/** A record without a prototype: no key of it is anybody else's. */
export function emptyRecord<T>(): Record<PropertyKey, T | undefined> {
  return Object.create(null) as Record<PropertyKey, T | undefined>
}
