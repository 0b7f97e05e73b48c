import { object } from '../fields.ts'
import type { QueryPort, QueryRow, SourceParameters, SourceValue } from '../source-ports.ts'
import { checked } from './argument.ts'
import type { CallBudget } from './call-budget.ts'
import type { Holder, Power } from './power.ts'
import { given, grantedNames, requireName, SOURCE_NAME, SOURCE_VALUES } from './source-call.ts'

interface Argument {
  readonly name: string
  readonly parameters: SourceParameters
}

const ARGUMENT = object({ name: SOURCE_NAME, parameters: SOURCE_VALUES }, ['name', 'parameters'])

/**
 * `ctx.query`: asks a database what the operator wrote down, under the name that it has there. A plugin
 * chooses the values alone, and they travel beside the statement, never in it.
 *
 * @param budget the tenant's, shared by all of its plugins.
 */
export function queryPower(holder: Holder, port: QueryPort, budget: CallBudget): Power {
  const names = grantedNames(holder)
  const mostBytes = holder.limits.sourceKiB * 1024
  return {
    async call(argument, signal) {
      const { name, parameters } = checked(ARGUMENT, argument) as Argument
      requireName(names, name)
      const rows = await budget.run(performance.now(), () =>
        port.run(holder.tenant, name, parameters, mostBytes, signal),
      )
      return given(rows).map(crossing)
    },
  }
}

function crossing(row: QueryRow): object {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, plain(value)]))
}

function plain(value: SourceValue): unknown {
  if (!(value instanceof Uint8Array)) return value
  const { buffer, byteOffset, length } = value
  return { bytes64: Buffer.from(buffer, byteOffset, length).toString('base64') }
}
