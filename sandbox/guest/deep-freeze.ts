import { freeze, ownKeys } from './primordials.ts'

/** Freezes plain data to its depth. The data comes from JSON: it has no cycles, getters or odd prototypes. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  const keys = ownKeys(value)
  for (let index = 0; index < keys.length; index += 1)
    deepFreeze((value as Record<PropertyKey, unknown>)[keys[index] as PropertyKey])
  return freeze(value)
}
