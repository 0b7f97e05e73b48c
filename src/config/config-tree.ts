import type { Pointer } from './pointer.ts'

/** Where a key or a value was written. */
export interface Place {
  /** `broker.yaml:12:5`, or the name of an environment variable. */
  readonly origin: string
  /** Sorts places as a reader of the file meets them. */
  readonly order: number
}

/** A config as it was written, and where everything in it stands. An object given in code has no places. */
export interface ConfigTree {
  readonly root: Record<string, unknown>
  readonly keys: Map<Pointer, Place>
  readonly values: Map<Pointer, Place>
}

/** Whether `value` is a map of a config, and neither a list, nor a scalar, nor an object of some class. */
export function isPlainMap(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
