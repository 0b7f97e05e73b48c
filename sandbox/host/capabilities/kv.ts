import { JSON_DEPTH, KV_KEY_BYTES, LIST_CHARS, LIST_ENTRIES, type SandboxLimits } from '../../limits.ts'
import { type Field, integer, Mistake } from '../fields.ts'
import type { KvPort, KvQuota, StoredValue } from '../host-ports.ts'
import { checked, operations } from './argument.ts'
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
        case 'get': {
          const stored = await port.get(tenant, plugin, asked.key)
          return stored === undefined ? null : entryOf(stored)
        }
        case 'set': {
          const written = await port.set(tenant, plugin, asked.key, asked.value, asked.ifVersion, quota)
          if (written === 'full') throw new Refusal('limit', 'the byte quota of the store is used up')
          return written
        }
        case 'delete':
          return port.delete(tenant, plugin, asked.key, asked.ifVersion)
        case 'list': {
          const { prefix, after, limit = LIST_ENTRIES } = asked
          return entriesOf(await port.list(tenant, plugin, prefix, after, limit))
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

/** A value as JSON text, which is how it is stored. */
function jsonText(mostBytes: number): Field {
  const deep = new Mistake(`: must have at most ${JSON_DEPTH} levels`)
  const big = new Mistake(`: must have at most ${mostBytes} bytes as JSON`)
  return (value) => {
    if (!isWithin(value, JSON_DEPTH)) return deep
    const text = JSON.stringify(value)
    return Buffer.byteLength(text) <= mostBytes ? text : big
  }
}

function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((nested) => isWithin(nested, levels - 1))
}

/**
 * Big values come in several lists, each from after the last key. They are measured as the text that they are
 * stored as: making data of a megabyte to drop most of it again is what a flood of lists would have us do.
 */
function entriesOf(stored: readonly StoredValue[]): readonly object[] {
  let chars = 0
  const end = stored.findIndex(({ key, value }, place) => {
    chars += key.length + value.length
    return chars > LIST_CHARS && place > 0
  })
  return (end === -1 ? stored : stored.slice(0, end)).map(entryOf)
}

function entryOf({ key, value, version }: StoredValue): object {
  return { key, value: JSON.parse(value) as unknown, version }
}
