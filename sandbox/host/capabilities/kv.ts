import { KV_KEY_BYTES, LIST_ENTRIES, type SandboxLimits } from '../../limits.ts'
import { type Field, integer, Mistake } from '../fields.ts'
import type { KvPort, KvQuota } from '../host-ports.ts'
import { checked, operations } from './argument.ts'
import { fitting } from './fitting.ts'
import { type Holder, type Power, Refusal } from './power.ts'

type Argument =
  | { readonly op: 'get'; readonly key: string }
  | { readonly op: 'set'; readonly key: string; readonly value: string; readonly ifVersion?: number }
  | { readonly op: 'delete'; readonly key: string; readonly ifVersion?: number }
  | { readonly op: 'list'; readonly prefix: string; readonly limit?: number; readonly after?: string }

const VERSION = integer(0, Number.MAX_SAFE_INTEGER)

/**
 * `ctx.kv`: a store that outlasts the isolate. Keys are just keys: the space is named by tenant and plugin,
 * which stand beside the key and never in it.
 */
export function kvPower(holder: Holder, port: KvPort): Power {
  const { tenant, plugin, limits } = holder
  const argumentOf = argumentField(limits)
  const quota = quotaOf(holder)
  return {
    async call(argument) {
      const asked = checked(argumentOf, argument) as Argument
      switch (asked.op) {
        case 'get':
          return (await port.get(tenant, plugin, asked.key)) ?? null
        case 'set': {
          const written = await port.set(tenant, plugin, asked.key, asked.value, asked.ifVersion, quota)
          if (written === 'full') throw new Refusal('limit', 'the byte quota of the store is used up')
          return written
        }
        case 'delete':
          return port.delete(tenant, plugin, asked.key, asked.ifVersion)
        case 'list': {
          const { prefix, after, limit = LIST_ENTRIES } = asked
          // big values come in several lists, each from after the last key
          return fitting(await port.list(tenant, plugin, prefix, after, limit))
        }
      }
    },
  }
}

function argumentField(limits: SandboxLimits): Field {
  const key = keyText(1)
  return operations({
    get: [{ key }, ['key']],
    set: [{ key, value: jsonText(limits.kvValueKiB * 1024), ifVersion: VERSION }, ['key', 'value']],
    delete: [{ key, ifVersion: VERSION }, ['key']],
    list: [{ prefix: keyText(0), limit: integer(1, LIST_ENTRIES), after: key }, ['prefix']],
  })
}

function quotaOf({ grant, limits }: Holder): KvQuota {
  const tenantBytes = limits.kvMiB * 1024 * 1024
  const asked = grant === true ? undefined : grant['bytes']
  return { tenantBytes, pluginBytes: typeof asked === 'number' ? Math.min(asked, tenantBytes) : tenantBytes }
}

/** Any text that UTF-8 can say, but for U+0000, which ends a text in too many stores. */
function keyText(leastBytes: number): Field {
  const size = new Mistake(`: must be text of ${leastBytes} to ${KV_KEY_BYTES} bytes`)
  const wellFormed = new Mistake(': must be well-formed text without U+0000')
  return (value) => {
    if (typeof value !== 'string' || value.length > KV_KEY_BYTES) return size
    if (!value.isWellFormed() || value.includes('\u0000')) return wellFormed
    const bytes = Buffer.byteLength(value)
    return bytes >= leastBytes && bytes <= KV_KEY_BYTES ? value : size
  }
}

/** A value is the text that its plugin wrote: it is stored, and given back, unparsed. */
function jsonText(mostBytes: number): Field {
  const wrong = new Mistake(`: must be JSON of at most ${mostBytes} bytes`)
  return (value) => {
    if (typeof value !== 'string' || value.length > mostBytes || !value.isWellFormed()) return wrong
    return Buffer.byteLength(value) <= mostBytes ? value : wrong
  }
}
