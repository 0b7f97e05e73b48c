import type { LoadSettings } from '../wire/messages.ts'
import type { Call } from './call.ts'
import { deepFreeze } from './deep-freeze.ts'
import type { GuestLog } from './log.ts'
import { type PowerFacades, powerFacades } from './powers.ts'
import { define, freeze, newError, ownKeys } from './primordials.ts'
import type { Outbox } from './outbox.ts'
import type { Timers } from './timers.ts'

/** Makes the second argument of every hook. */
export interface Contexts {
  /** Whether every call needs one of its own: a power must know whose it is. */
  readonly perCall: boolean
  of(call: Call): object
}

/** Frozen, without a prototype's surprises: what is not granted throws a sentence that names it. */
export function createContexts(
  settings: LoadSettings,
  log: GuestLog,
  outbox: Outbox,
  timers: Timers,
): Contexts {
  const facades = powerFacades(settings, outbox, timers)
  const Context = newContextClass()
  const { prototype } = Context
  const fixed: Record<string, unknown> = {
    config: deepFreeze(settings.config),
    plugin: freeze({ name: settings.name, version: settings.version }),
  }
  if (settings.tenant !== undefined) fixed['tenant'] = settings.tenant
  if (settings.brokerConfig !== undefined) fixed['brokerConfig'] = deepFreeze(settings.brokerConfig)
  if (settings.log) fixed['log'] = log.facade()
  for (const name in fixed) define(prototype, name, { value: fixed[name], enumerable: true })
  definePowers(Context, facades)
  defineAbsent(Context, settings.absent)
  define(prototype, 'constructor', { value: undefined })
  freeze(prototype)
  return {
    perCall: ownKeys(facades).length > 0,
    of: (call) => freeze(new Context(call)),
  }
}

/** What a hook holds of its call: a power finds the call in a private field, which nobody can forge. */
interface ContextClass {
  readonly prototype: object
  new (call: Call): object
  /** @throws TypeError when it is none of this class. */
  callOf(context: object): Call
}

/** One class an isolate: what all calls share is on its prototype. */
function newContextClass(): ContextClass {
  return class Context {
    readonly #call: Call

    constructor(call: Call) {
      this.#call = call
    }

    static callOf(context: Context): Call {
      return context.#call
    }
  }
}

function definePowers({ prototype, callOf }: ContextClass, facades: PowerFacades): void {
  const names = ownKeys(facades)
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] as string
    const facadeOf = facades[name] as (call: Call) => unknown
    define(prototype, name, {
      get(this: object) {
        return facadeOf(callOf(this))
      },
      enumerable: true,
    })
  }
}

function defineAbsent({ prototype }: ContextClass, absent: LoadSettings['absent']): void {
  const names = ownKeys(absent)
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] as string
    const sentence = absent[name] as string
    define(prototype, name, {
      get() {
        throw newError(sentence)
      },
    })
  }
}
