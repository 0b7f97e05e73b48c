import { LIST_ENTRIES } from '../../limits.ts'
import { integer } from '../fields.ts'
import type { PowerPorts } from '../host-ports.ts'
import { checked, CLIENT_ID, operations, unlessBusy } from './argument.ts'
import { fitting } from './fitting.ts'
import type { Holder, Power } from './power.ts'

type Argument =
  | { readonly op: 'get'; readonly clientId: string }
  | { readonly op: 'list'; readonly limit?: number; readonly after?: string }

const ARGUMENT = operations({
  get: [{ clientId: CLIENT_ID }, ['clientId']],
  list: [{ limit: integer(1, LIST_ENTRIES), after: CLIENT_ID }, []],
})

/** `ctx.sessions`: the sessions of the plugin's own tenant, as they are on this node. */
export function sessionsPower({ tenant }: Holder, port: NonNullable<PowerPorts['sessions']>): Power {
  return {
    async call(argument) {
      const asked = checked(ARGUMENT, argument) as Argument
      if (asked.op === 'get') return port.get(tenant, asked.clientId) ?? null
      return fitting(unlessBusy(await port.list(tenant, asked.after, asked.limit ?? LIST_ENTRIES)))
    },
  }
}
