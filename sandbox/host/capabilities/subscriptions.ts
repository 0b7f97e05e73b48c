import { LIST_ENTRIES } from '../../limits.ts'
import type { PowerPorts } from '../host-ports.ts'
import { topicName } from '../topic-filters.ts'
import { checked, CLIENT_ID, operations, unlessBusy } from './argument.ts'
import { fitting } from './fitting.ts'
import type { Holder, Power } from './power.ts'

type Argument =
  | { readonly op: 'ofClient'; readonly clientId: string }
  | { readonly op: 'matching'; readonly topic: string }

const ARGUMENT = operations({
  ofClient: [{ clientId: CLIENT_ID }, ['clientId']],
  matching: [{ topic: topicName }, ['topic']],
})

/** `ctx.subscriptions`: those of the plugin's own tenant, as they are on this node. */
export function subscriptionsPower(
  { tenant }: Holder,
  port: NonNullable<PowerPorts['subscriptions']>,
): Power {
  return {
    async call(argument) {
      const asked = checked(ARGUMENT, argument) as Argument
      if (asked.op === 'ofClient') return fitting(port.ofClient(tenant, asked.clientId, LIST_ENTRIES))
      return fitting(unlessBusy(await port.matching(tenant, asked.topic, LIST_ENTRIES)))
    },
  }
}
