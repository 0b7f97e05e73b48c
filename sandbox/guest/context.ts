import type { LoadSettings } from '../wire/messages.ts'
import type { GuestLog } from './log.ts'
import { define, freeze, ownKeys } from './primordials.ts'

/** The second argument of every hook. Frozen, without a prototype's surprises: what is not granted throws. */
export function createContext(settings: LoadSettings, log: GuestLog): object {
  const context: Record<string, unknown> = {
    config: deepFreeze(settings.config),
    plugin: freeze({ name: settings.name, version: settings.version }),
  }
  if (settings.tenant !== undefined) context['tenant'] = settings.tenant
  if (settings.log) context['log'] = log.facade()
  const names = ownKeys(settings.absent)
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] as string
    const sentence = settings.absent[name]
    define(context, name, {
      get() {
        throw new Error(sentence)
      },
    })
  }
  return freeze(context)
}

/** Freezes plain data to its depth. The data comes from JSON: it has no cycles, getters or odd prototypes. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  const keys = ownKeys(value)
  for (let index = 0; index < keys.length; index += 1)
    deepFreeze((value as Record<PropertyKey, unknown>)[keys[index] as PropertyKey])
  return freeze(value)
}
