import { SUBSCRIBES_PER_SEC } from '../../limits.ts'
import { object, oneOf } from '../fields.ts'
import type { PowerPorts } from '../host-ports.ts'
import { PerSecond } from '../per-second.ts'
import { subscribeFilter } from '../topic-filters.ts'
import { checked, CLIENT_ID, unlessBusy } from './argument.ts'
import { type Holder, type Power, Refusal } from './power.ts'

interface Argument {
  readonly clientId: string
  readonly filter: string
  readonly qos?: 0 | 1 | 2
}

const ARGUMENT = object({ clientId: CLIENT_ID, filter: subscribeFilter, qos: oneOf(0, 1, 2) }, [
  'clientId',
  'filter',
])

/** `ctx.subscribe`: subscribes a client of the plugin's own tenant, by the other plugins' leave. */
export function subscribePower(
  { tenant, plugin }: Holder,
  subscribe: NonNullable<PowerPorts['subscribe']>,
): Power {
  const rate = new PerSecond(SUBSCRIBES_PER_SEC)
  return {
    async call(argument) {
      const { clientId, filter, qos = 0 } = checked(ARGUMENT, argument) as Argument
      if (!rate.spend(performance.now())) {
        throw new Refusal('limit', `more than ${SUBSCRIBES_PER_SEC} subscriptions a second`)
      }
      const ended = unlessBusy(await subscribe(tenant, plugin, clientId, filter, qos))
      if (ended === null) throw new Refusal('unavailable', 'there is no such session')
      if (ended === 'denied') throw new Refusal('notAllowed', 'another plugin, or a quota, does not allow it')
      return ended
    },
  }
}
