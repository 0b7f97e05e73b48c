import type { FastifyRequest } from 'fastify'
import { covers, type Role } from '../hosting/roles.ts'
import type { AdminPorts } from './admin-ports.ts'
import { notFound, Problem } from './problem.ts'
import type { Caller } from './route.ts'

/** Counts what fails of an address, and says whether that is too much. */
type FailureCount = (request: FastifyRequest) => Promise<object>

/** Knows who asks, and whether they may: the one place where roles and tenants are looked at. */
export class Doorman {
  readonly #ports: AdminPorts
  readonly #countFailure: FailureCount

  constructor(ports: AdminPorts, countFailure: FailureCount) {
    this.#ports = ports
    this.#countFailure = countFailure
  }

  /** @throws Problem 401, and 429 for an address that fails too often. */
  async identify(request: FastifyRequest): Promise<Caller> {
    const [scheme, secret, ...rest] = (request.headers.authorization ?? '').split(' ')
    const isBearer = scheme?.toLowerCase() === 'bearer' && secret !== undefined && rest.length === 0
    const token = isBearer ? await this.#ports.tokens.find(secret) : undefined
    if (token !== undefined) return { role: token.role, tenant: token.tenant, name: token.id }
    const counted = await this.#countFailure(request)
    if ('isExceeded' in counted && counted.isExceeded === true)
      throw new Problem(429, 'too many failed logins; try again in a minute')
    const why = isBearer ? 'the token is not known, or has expired' : 'send `Authorization: Bearer TOKEN`'
    throw new Problem(401, why, { 'www-authenticate': 'Bearer realm="bulkhead"' })
  }

  /**
   * @param tenant that the path names; undefined: it names none.
   * @throws Problem 403, and 404 for whoever is not to learn which other tenants there are.
   */
  check(caller: Caller, may: Role, tenant: string | undefined): void {
    if (tenant !== undefined && caller.tenant !== null && caller.tenant !== tenant)
      throw notFound(`tenant ${JSON.stringify(tenant)}`)
    if (!covers(caller.role, may))
      throw new Problem(403, `this needs the role ${may}; yours is ${caller.role}`)
  }
}
