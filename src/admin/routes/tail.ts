import { Problem } from '../problem.ts'
import type { AdminRoute } from '../route.ts'

/** What happens to a tenant, while it happens. */
export const TAIL_ROUTES: readonly AdminRoute[] = [
  {
    method: 'GET',
    url: '/v1/tenants/:tenant/tail',
    may: 'tenant-viewer',
    summary:
      'Server-sent events: log, fault, state and deployed of its plugins, refused of its clients; lost, ' +
      'where the reader was too slow',
    answer: { type: 'string' },
    handle: (ports, { params: { tenant = '' } }) => {
      const events = ports.tail(tenant)
      if (events === null) throw new Problem(429, 'too many listen to this tenant already')
      return { events }
    },
  },
]
