import { LDAP_PASSWORD_BYTES } from '../../limits.ts'
import type { DirectoryPort, SourceParameters } from '../source-ports.ts'
import { checked, operations } from './argument.ts'
import { bytesOf, decodeBytes } from './byte-fields.ts'
import type { CallBudget } from './call-budget.ts'
import type { Holder, Power } from './power.ts'
import { given, grantedNames, requireName, SOURCE_NAME, SOURCE_VALUES } from './source-call.ts'

interface Argument {
  readonly op: 'search' | 'bind'
  readonly name: string
  readonly parameters: SourceParameters
}

const COMMON = { name: SOURCE_NAME, parameters: SOURCE_VALUES }
const ARGUMENT = operations({
  search: [COMMON, ['name', 'parameters']],
  bind: [{ ...COMMON, ...bytesOf('password', LDAP_PASSWORD_BYTES) }, ['name', 'parameters']],
})

/** What `bind` comes to. */
export interface BindResult {
  readonly matches: boolean
}

/**
 * `ctx.ldap`: looks somebody up in a directory, by the filter that the operator wrote down, and checks
 * passwords there.
 *
 * @param budget the tenant's, shared by all of its plugins.
 */
export function ldapPower(holder: Holder, port: DirectoryPort, budget: CallBudget): Power {
  const { tenant } = holder
  const names = grantedNames(holder)
  const mostBytes = holder.limits.sourceKiB * 1024
  return {
    async call(argument, signal) {
      const asked = checked(ARGUMENT, argument) as Argument
      const { op, name, parameters } = asked
      requireName(names, name)
      const now = performance.now()
      if (op === 'search') {
        return given(await budget.run(now, () => port.search(tenant, name, parameters, mostBytes, signal)))
      }
      const password = decodeBytes('password', asked)
      // a name without a password is an anonymous bind, which succeeds and proves nothing [RFC 4513, 5.1.2]
      if (password === undefined || password.length === 0) return { matches: false } satisfies BindResult
      const matches = given(
        await budget.run(now, () => port.bind(tenant, name, parameters, password, signal)),
      )
      return { matches } satisfies BindResult
    },
  }
}
