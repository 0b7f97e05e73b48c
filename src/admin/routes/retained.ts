import { ADMIN } from '../../base/limits.ts'
import { notFound, Problem } from '../problem.ts'
import { type AdminRoute, closed, listOf, NUMBER, TEXT } from '../route.ts'
import { busy, LIMIT } from './clients.ts'

const RETAINED = closed({ topic: TEXT, qos: NUMBER, size: NUMBER, payload64: TEXT }, ['payload64'])

/** Messages that wait for whoever subscribes. */
export const RETAINED_ROUTES: readonly AdminRoute[] = [
  {
    method: 'GET',
    url: '/v1/tenants/:tenant/retained',
    may: 'tenant-viewer',
    summary: `Retained messages by topic filter; payloads of up to ${ADMIN.payloadBytes} bytes in base64`,
    query: { filter: { ...TEXT, default: '#' }, limit: LIMIT },
    answer: listOf('retained', RETAINED),
    handle: async (ports, { params, query }) => {
      const { tenant = '' } = params
      const filter = String(query['filter'])
      const found = await ports.clients.retained(tenant, filter, Number(query['limit']))
      if (found === 'busy') throw busy()
      if (found === 'invalid') throw new Problem(400, `filter: ${JSON.stringify(filter)} is no topic filter`)
      return { body: { retained: found } }
    },
  },
  {
    method: 'DELETE',
    url: '/v1/tenants/:tenant/retained/:topic',
    may: 'tenant-deployer',
    summary: 'Delete the retained message of a topic, written with %2F for /; nobody is told',
    handle: async (ports, { params }) => {
      const { tenant = '', topic = '' } = params
      if (!(await ports.clients.deleteRetained(tenant, topic)))
        throw notFound(`retained message of ${JSON.stringify(topic)}`)
      return { changed: { before: topic } }
    },
  },
]
