import { after } from 'node:test'
import { type AdminRates, buildAdminApp } from '../../src/admin/admin-app.ts'
import { openAdminListener } from '../../src/admin/admin-listener.ts'
import type { AdminPorts, AuditedChange } from '../../src/admin/admin-ports.ts'
import { ROLES, type Role } from '../../src/hosting/roles.ts'
import type { Token } from '../../src/hosting/tokens.ts'

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

/** The token of a role; the tenants' are of `acme`, but for `zoo-viewer`. */
export type TokenName = Role | 'zoo-viewer' | 'none'

/** The API over HTTP, with a broker behind it that remembers what it was asked. */
export interface StagedApi {
  readonly url: string
  /** What the broker was asked, as `port(arguments)`. */
  readonly asked: string[]
  readonly changes: AuditedChange[]
  readonly failures: unknown[]
  call(token: TokenName, line: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>
}

const TOKENS = new Map<string, Token>(
  [...ROLES, 'zoo-viewer' as const].map((name) => {
    const role: Role = name === 'zoo-viewer' ? 'tenant-viewer' : name
    const tenant = name === 'operator' ? null : name === 'zoo-viewer' ? 'zoo' : 'acme'
    return [
      name,
      { id: name, name, role, tenant, createdAt: '2026-01-01T00:00:00Z', expiresAt: null, lastUsedAt: null },
    ]
  }),
)

/** What a port answers where a test says nothing. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  'tenants.list': [],
  'tenants.get': { state: { name: 'acme' }, revision: 7 },
  'tokens.create': { token: TOKENS.get('tenant-viewer'), secret: 'bh_secret' },
  'tokens.list': [],
  'tokens.revoke': true,
  'plugins.list': [],
  'plugins.versions': [],
  'plugins.get': {},
  'access.users': [],
  'access.setUser': undefined,
  'access.deleteUser': true,
  'access.rules': [],
  'access.setRules': undefined,
  'clients.sessions': [],
  'clients.session': { clientId: 'ann' },
  'clients.disconnect': true,
  'clients.subscriptions': [],
  'clients.retained': [],
  'clients.deleteRetained': true,
  'clients.kv': [],
  'clients.deleteKv': true,
  status: { ready: true, reasons: [] },
  audit: [],
  usage: [],
  explain: { now: {} },
  refusals: [],
  metrics: 'bulkhead_up 1\n',
  tail: ['event: log\ndata: {}\n\n'],
}

/** @param answers by port, such as `clients.session`; an Error is thrown. */
export async function stagedApi(
  answers: Readonly<Record<string, unknown>> = {},
  rates: AdminRates = { requestsPerMin: 10_000, failedLoginsPerMin: 10_000 },
): Promise<StagedApi> {
  const [asked, changes, failures] = [[] as string[], [] as AuditedChange[], [] as unknown[]]
  const port =
    (name: string) =>
    (...given: readonly unknown[]): unknown => {
      asked.push(`${name}(${given.map((each) => JSON.stringify(each) ?? '').join(', ')})`)
      const answer = name in answers ? answers[name] : (ANSWERS[name] ?? {})
      if (answer instanceof Error) throw answer
      return answer
    }
  const group = (prefix: string): object =>
    new Proxy({}, { get: (_, name) => port(`${prefix}.${String(name)}`) })
  const ports = {
    tokens: new Proxy(
      {},
      {
        get: (_, name) =>
          name === 'find'
            ? (secret: string) => Promise.resolve(TOKENS.get(secret))
            : port(`tokens.${String(name)}`),
      },
    ),
    tenants: group('tenants'),
    plugins: group('plugins'),
    access: group('access'),
    clients: group('clients'),
    ...Object.fromEntries(
      ['status', 'audit', 'usage', 'explain', 'refusals', 'metrics', 'tail'].map((name) => [
        name,
        port(name),
      ]),
    ),
    record: (change: AuditedChange) => changes.push(change),
    failed: (error: unknown) => failures.push(error),
  } as unknown as AdminPorts
  const app = await buildAdminApp(ports, rates)
  const listener = await openAdminListener({ host: '127.0.0.1', port: 0 }, app)
  after(async () => {
    await listener.close()
    await app.close()
  })
  const call: StagedApi['call'] = async (token, line, body, headers = {}) => {
    const [method = '', path = ''] = line.split(' ')
    const response = await fetch(`${listener.url}${path}`, {
      method,
      headers: {
        ...(token === 'none' ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
  }
  return { url: listener.url, asked, changes, failures, call }
}
