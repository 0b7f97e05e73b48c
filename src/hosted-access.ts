import type { AccessPorts } from './admin/admin-ports.ts'
import { BulkheadError } from './base/errors.ts'
import { ADMIN } from './base/limits.ts'
import { OneAtATime } from './base/one-at-a-time.ts'
import { AccessList } from './config/access-list.ts'
import type { BuiltinConfig } from './config/broker-config.ts'
import type { Engine } from './engine/engine.ts'
import { Credentials, type KnownUser } from './hosting/credentials.ts'
import type { LiveTenants } from './live-tenants.ts'

/** What users and rules of tenants that were made at run time need of the broker. */
export interface HostedAccessParts {
  readonly live: LiveTenants
  readonly engine: Pick<Engine<never, never>, 'documents'>
  /** Whether the tenant is one of the config, whose files have its users. */
  readonly isOfConfig: (tenant: string) => boolean
}

/** Users and access rules that tenants manage over the API: they hold from the next login, or message, on. */
export class HostedAccess implements AccessPorts {
  readonly #parts: HostedAccessParts
  readonly #credentials: Credentials
  readonly #turns = new OneAtATime()

  constructor(parts: HostedAccessParts) {
    this.#parts = parts
    this.#credentials = new Credentials(parts.engine.documents)
  }

  /** At the start, before anybody can connect. */
  async restore(): Promise<void> {
    for (const { name } of this.#parts.live.configs)
      if (!this.#parts.isOfConfig(name)) this.#parts.live.setBuiltin(name, await this.#builtin(name))
  }

  users(tenant: string): Promise<readonly KnownUser[]> {
    return this.#credentials.list(tenant)
  }

  setUser(tenant: string, user: string, password: string): Promise<void> {
    return this.#change(tenant, () => this.#credentials.set(tenant, user, password))
  }

  deleteUser(tenant: string, user: string): Promise<boolean> {
    return this.#change(tenant, () => this.#credentials.delete(tenant, user))
  }

  async rules(tenant: string): Promise<readonly string[]> {
    return (await this.#credentials.rules(tenant)) ?? []
  }

  setRules(tenant: string, lines: readonly string[]): Promise<void> {
    const isList = lines.some((line) => line.trim() !== '' && !line.startsWith('#'))
    // before anything is kept
    if (isList) accessList(lines)
    return this.#change(tenant, () => this.#credentials.setRules(tenant, isList ? lines : null))
  }

  #change<Result>(tenant: string, work: () => Promise<Result>): Promise<Result> {
    if (this.#parts.isOfConfig(tenant))
      throw new BulkheadError(
        'ERR_CONFLICT',
        `the tenant ${tenant} belongs to the config: name files as its passwords and acl, and reload`,
      )
    return this.#turns.run(`the users of ${tenant}`, async () => {
      const result = await work()
      this.#parts.live.setBuiltin(tenant, await this.#builtin(tenant))
      return result
    })
  }

  async #builtin(tenant: string): Promise<BuiltinConfig | undefined> {
    const [passwords, rules] = [
      await this.#credentials.passwords(tenant),
      await this.#credentials.rules(tenant),
    ]
    if (passwords.size === 0 && rules === undefined) return undefined
    return {
      passwords: passwords.size === 0 ? undefined : passwords,
      acl: rules === undefined ? undefined : accessList(rules),
    }
  }
}

/** @throws BulkheadError ERR_CONFIG_INVALID with the line. */
function accessList(lines: readonly string[]): AccessList {
  if (lines.length > ADMIN.ruleLines)
    throw new BulkheadError('ERR_CREDENTIAL', `there are more than ${ADMIN.ruleLines} lines of rules`)
  const written = lines.map((text, place) => ({ text, place: `line ${place + 1}:` }))
  return new AccessList(written.filter(({ text }) => text.trim() !== '' && !text.startsWith('#')))
}
