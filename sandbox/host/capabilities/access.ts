import { INVALIDATES_PER_SEC } from '../../limits.ts'
import { type Field, isObject, object, text } from '../fields.ts'
import type { PowerPorts } from '../host-ports.ts'
import { PerSecond } from '../per-second.ts'
import { checked, CLIENT_ID, unlessBusy } from './argument.ts'
import { fitting } from './fitting.ts'
import { type Holder, type Power, Refusal } from './power.ts'

type Argument = { readonly clientId: string } | { readonly tag: string }

const OF_CLIENT = object({ clientId: CLIENT_ID }, ['clientId'])
const OF_TAG = object({ tag: text(128) }, ['tag'])
const ARGUMENT: Field = (value) =>
  isObject(value) && Object.hasOwn(value, 'tag') ? OF_TAG(value) : OF_CLIENT(value)

/** `ctx.access`: takes back what the plugin itself has said of clients of its own tenant. */
export function accessPower({ tenant, plugin }: Holder, port: NonNullable<PowerPorts['access']>): Power {
  const rate = new PerSecond(INVALIDATES_PER_SEC)
  return {
    async call(argument) {
      const what = checked(ARGUMENT, argument) as Argument
      if (!rate.spend(performance.now())) {
        throw new Refusal('limit', `more than ${INVALIDATES_PER_SEC} invalidations a second`)
      }
      const dropped = unlessBusy(await port.invalidate(tenant, plugin, what))
      const subscriptions = fitting(dropped.subscriptions)
      const more = dropped.more + dropped.subscriptions.length - subscriptions.length
      return { ...dropped, subscriptions, more }
    },
  }
}
