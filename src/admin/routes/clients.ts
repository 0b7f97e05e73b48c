import { ADMIN } from '../../base/limits.ts'
import { notFound, Problem } from '../problem.ts'
import { type AdminRoute, ANYTHING, listOf, type Schema, TEXT } from '../route.ts'

/** How many entries an answer is to have at most. */
export const LIMIT: Schema = { type: 'integer', minimum: 1, maximum: ADMIN.page, default: ADMIN.page }

const BUSY = 'too much is read of this tenant already; try again'

/** Who is connected, or may come back. */
export const CLIENT_ROUTES: readonly AdminRoute[] = [
  {
    method: 'GET',
    url: '/v1/tenants/:tenant/clients',
    may: 'tenant-viewer',
    summary: 'Clients by their identifiers; ask on with `after` until none come',
    query: { after: TEXT, limit: LIMIT },
    answer: listOf('clients', ANYTHING),
    handle: async (ports, { params, query }) => {
      const { tenant = '' } = params
      const found = await ports.clients.sessions(
        tenant,
        query['after'] as string | undefined,
        Number(query['limit']),
      )
      if (found === 'busy') throw new Problem(503, BUSY)
      return { body: { clients: found } }
    },
  },
  {
    method: 'GET',
    url: '/v1/tenants/:tenant/clients/:client',
    may: 'tenant-viewer',
    summary: 'One client, with its subscriptions',
    answer: ANYTHING,
    handle: (ports, { params }) => {
      const { tenant = '', client = '' } = params
      const session = ports.clients.session(tenant, client)
      if (session === undefined) throw notFound(`client ${JSON.stringify(client)}`)
      return { body: { ...session, subscribed: ports.clients.subscriptions(tenant, client, ADMIN.page) } }
    },
  },
  {
    method: 'DELETE',
    url: '/v1/tenants/:tenant/clients/:client',
    may: 'tenant-deployer',
    summary: 'Disconnect a client: 0x98, administrative action; it may come back',
    handle: (ports, { params }) => {
      const { tenant = '', client = '' } = params
      if (!ports.clients.disconnect(tenant, client))
        throw notFound(`client ${JSON.stringify(client)} that is connected`)
      return { changed: { before: client } }
    },
  },
]

export function busy(): Problem {
  return new Problem(503, BUSY)
}
