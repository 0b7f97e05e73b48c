import { LIST_CHARS, LIST_ENTRIES } from '../../limits.ts'
import type { RetainedInfo } from '../../sdk/powers.ts'
import { integer } from '../fields.ts'
import type { PowerPorts } from '../host-ports.ts'
import { topicFilter, topicName } from '../topic-filters.ts'
import { checked, operations, unlessBusy } from './argument.ts'
import { fitting } from './fitting.ts'
import type { Holder, Power } from './power.ts'

type Argument =
  | { readonly op: 'get'; readonly topic: string }
  | { readonly op: 'list'; readonly filter: string; readonly limit?: number }

const ARGUMENT = operations({
  get: [{ topic: topicName }, ['topic']],
  list: [{ filter: topicFilter, limit: integer(1, LIST_ENTRIES) }, ['filter']],
})

/** `ctx.retained`: the retained messages of the plugin's own tenant, wherever they are kept. */
export function retainedPower(
  { tenant, seesPayload, limits }: Holder,
  port: NonNullable<PowerPorts['retained']>,
): Power {
  const payloadBytes = seesPayload ? limits.payloadKiB * 1024 : -1
  return {
    async call(argument) {
      const asked = checked(ARGUMENT, argument) as Argument
      if (asked.op === 'get') {
        const found = await port.get(tenant, asked.topic, payloadBytes)
        return found === undefined ? null : crossing(found, true)
      }
      const { filter, limit = LIST_ENTRIES } = asked
      return fitting(withPayloads(unlessBusy(await port.list(tenant, filter, limit, payloadBytes))))
    },
  }
}

/** With their payloads as long as half an answer holds them: what is there matters more than what it says. */
function withPayloads(found: readonly RetainedInfo[]): readonly object[] {
  let chars = 0
  return found.map((each) => {
    chars += ((each.payload?.length ?? 0) * 4) / 3
    return crossing(each, chars <= LIST_CHARS / 2)
  })
}

function crossing({ topic, qos, size, payload }: RetainedInfo, hasPayload: boolean): object {
  if (payload === undefined || !hasPayload) return { topic, qos, size }
  const { buffer, byteOffset, length } = payload
  return { topic, qos, size, payload64: Buffer.from(buffer, byteOffset, length).toString('base64') }
}
