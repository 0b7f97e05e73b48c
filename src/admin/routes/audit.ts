import { Problem } from '../problem.ts'
import { type AdminRoute, ANYTHING, listOf, TEXT } from '../route.ts'
import { LIMIT } from './clients.ts'

const RECORDS = listOf('records', ANYTHING)

/** What was done, and what was used. */
export const AUDIT_ROUTES: readonly AdminRoute[] = [
  {
    method: 'GET',
    url: '/v1/audit',
    may: 'operator',
    summary: 'Who changed, or was refused, what: of all tenants, the newest last',
    query: { limit: LIMIT },
    answer: RECORDS,
    handle: async (ports, { query }) => ({
      body: { records: await ports.audit({ limit: Number(query['limit']) }) },
    }),
  },
  {
    method: 'GET',
    url: '/v1/tenants/:tenant/audit',
    may: 'tenant-viewer',
    summary: 'The same of one tenant',
    query: { limit: LIMIT },
    answer: RECORDS,
    handle: async (ports, { params, query }) => {
      const { tenant = '' } = params
      return { body: { records: await ports.audit({ tenant, limit: Number(query['limit']) }) } }
    },
  },
  {
    method: 'GET',
    url: '/v1/tenants/:tenant/usage',
    may: 'tenant-viewer',
    summary: 'What it used, by the hour for 35 days, by the day for 13 months',
    query: { from: TEXT, to: TEXT },
    answer: listOf('usage', ANYTHING),
    handle: async (ports, { params, query }) => {
      const to = timeOf(query['to'], Date.now())
      const from = timeOf(query['from'], to.getTime() - DAY_MS)
      return { body: { usage: await ports.usage(params['tenant'] ?? '', from, to) } }
    },
  },
]

const DAY_MS = 86_400_000

function timeOf(written: unknown, otherwise: number): Date {
  const time = new Date(typeof written === 'string' ? written : otherwise)
  if (Number.isNaN(time.getTime()))
    throw new Problem(400, `${String(written)} is no time; write one such as 2026-01-31T00:00:00Z`)
  return time
}
