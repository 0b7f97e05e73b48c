import { METRIC_NAMES } from '../../limits.ts'
import { Mistake } from '../fields.ts'
import type { PowerPorts } from '../host-ports.ts'
import { checked, operations } from './argument.ts'
import { type Holder, type Power, Refusal } from './power.ts'

interface Argument {
  readonly op: 'count' | 'gauge'
  readonly name: string
  readonly value: number
}

const NAME = /^[a-z][a-z0-9_]{0,63}$/
const ARGUMENT = operations({
  // a counter that may go down tells nothing
  count: [{ name: metricName, value: positive }, ['name', 'value']],
  gauge: [{ name: metricName, value: finite }, ['name', 'value']],
})

/** `ctx.metrics`: counters and gauges under the plugin's name; a name is one or the other, for good. */
export function metricsPower({ tenant, plugin }: Holder, report: NonNullable<PowerPorts['metric']>): Power {
  const kinds = new Map<string, Argument['op']>()
  return {
    release(argument) {
      const { op, name, value } = checked(ARGUMENT, argument) as Argument
      const known = kinds.get(name)
      if (known === undefined && kinds.size >= METRIC_NAMES) {
        throw new Refusal('limit', `a plugin has at most ${METRIC_NAMES} metrics`)
      }
      if (known !== undefined && known !== op) throw new Refusal('invalid', `${name} is a ${known} already`)
      kinds.set(name, op)
      report(tenant, plugin, op, name, value)
    },
  }
}

function metricName(value: unknown): unknown {
  return typeof value === 'string' && NAME.test(value) ? value : new Mistake(`: must match ${NAME.source}`)
}

function finite(value: unknown): unknown {
  return typeof value === 'number' && Number.isFinite(value) ? value : new Mistake(': must be a number')
}

function positive(value: unknown): unknown {
  return Number.isFinite(value) && (value as number) > 0 ? value : new Mistake(': must be a number above 0')
}
