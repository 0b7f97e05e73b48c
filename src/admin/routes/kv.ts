import { notFound } from '../problem.ts'
import { type AdminRoute, closed, listOf, NUMBER, TEXT } from '../route.ts'

/** What a tenant's plugins keep. */
export const KV_ROUTES: readonly AdminRoute[] = [
  {
    method: 'GET',
    url: '/v1/tenants/:tenant/kv/:plugin',
    may: 'tenant-viewer',
    summary: 'Keys and values of a plugin, values as JSON text; ask on with `after` until none come',
    query: { prefix: { ...TEXT, default: '' }, after: TEXT },
    answer: listOf('entries', closed({ key: TEXT, value: TEXT, version: NUMBER })),
    handle: async (ports, { params, query }) => {
      const { tenant = '', plugin = '' } = params
      const after = query['after'] as string | undefined
      return { body: { entries: await ports.clients.kv(tenant, plugin, String(query['prefix']), after) } }
    },
  },
  {
    method: 'DELETE',
    url: '/v1/tenants/:tenant/kv/:plugin/:key',
    may: 'tenant-deployer',
    summary: 'Delete a key, written with %2F for /',
    handle: async (ports, { params }) => {
      const { tenant = '', plugin = '', key = '' } = params
      if (!(await ports.clients.deleteKv(tenant, plugin, key))) throw notFound(`key ${JSON.stringify(key)}`)
      return { changed: { before: key } }
    },
  },
]
