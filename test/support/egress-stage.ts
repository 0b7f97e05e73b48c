import type { RequestListener, ServerOptions } from 'node:http'
import { createServer, type Server } from 'node:https'
import { after } from 'node:test'
import { fetchPower, type FetchResult } from '../../sandbox/host/capabilities/fetch.ts'
import type { Egress } from '../../sandbox/host/capabilities/egress.ts'
import { CallBudget } from '../../sandbox/host/capabilities/call-budget.ts'
import type { Holder, Power } from '../../sandbox/host/capabilities/power.ts'
import { DEFAULT_LIMITS } from '../../sandbox/limits.ts'
import { type ServerCertificate, TestAuthority } from './certificates.ts'
import { holder } from './holder.ts'

const authority = new TestAuthority()
export const certificate = authority.issue(['allowed.test', 'other.test', '127.0.0.1'])

/** A real TLS server on loopback. */
export interface TestServer {
  readonly port: number
  /** How many TCP connections came, whatever became of them. */
  readonly connections: () => number
  readonly server: Server
}

export async function serve(
  listener: RequestListener,
  { names, ...options }: ServerOptions & Partial<ServerCertificate> & { names?: readonly string[] } = {},
): Promise<TestServer> {
  const shown = names === undefined ? certificate : authority.issue(names)
  const server = createServer({ ...shown, ...options }, listener)
  let connections = 0
  server.on('connection', () => (connections += 1))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { port: address.port, connections: () => connections, server }
}

/** Every name is this machine, which is what this egress may speak to; and there is time. */
export const LOOPBACK: Egress = {
  lookup: () => Promise.resolve(['127.0.0.1']),
  isAllowed: (address) => address === '127.0.0.1',
  timeoutMs: 20_000,
  ca: authority.ca,
}

/** A plugin that fetches, and the budget of its tenant. */
export class Fetcher {
  readonly power: Power
  readonly budget = new CallBudget('fetches', DEFAULT_LIMITS.fetchConcurrent, DEFAULT_LIMITS.fetchesPerSec)

  constructor(hosts: readonly string[], egress: Partial<Egress> = {}, more: Partial<Holder> = {}) {
    this.power = fetchPower(holder({ grant: { hosts }, ...more }), { ...LOOPBACK, ...egress }, this.budget)
  }

  async fetch(url: string, init: object = {}, signal?: AbortSignal): Promise<FetchResult> {
    const call = this.power.call?.({ url, ...init }, signal ?? new AbortController().signal)
    return (await call) as FetchResult
  }
}

export function bodyOf({ body64 }: FetchResult): string {
  return Buffer.from(body64, 'base64').toString()
}
