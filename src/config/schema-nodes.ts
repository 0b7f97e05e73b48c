import type { Quantity } from './quantity.ts'

/** A piece of JSON Schema. */
export type Json = Readonly<Record<string, unknown>>

/** A map with exactly these keys, none of them required. */
export function map(description: string, properties: Readonly<Record<string, Json>>, more: Json = {}): Json {
  return { description, type: 'object', additionalProperties: false, properties, ...more }
}

/** A whole number. */
export function integer(description: string, minimum: number, maximum: number, more: Json = {}): Json {
  return { description, type: 'integer', minimum, maximum, ...more }
}

/** `true` or `false`. */
export function flag(description: string, more: Json = {}): Json {
  return { description, type: 'boolean', ...more }
}

/** One of a few values. */
export function choice(description: string, values: readonly unknown[], more: Json = {}): Json {
  return { description, enum: values, ...more }
}

/** A number of bytes, or a text such as `10MiB`. */
export function byteSize(description: string, minimum: number, maximum: number, more: Json = {}): Json {
  return {
    description,
    type: ['integer', 'string'],
    quantity: 'bytes' satisfies Quantity,
    minimum,
    maximum,
    ...more,
  }
}
