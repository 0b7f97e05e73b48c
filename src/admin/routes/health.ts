import { type AdminRoute, ANYTHING, closed, FLAG, NULLABLE_TEXT, TEXT } from '../route.ts'

/** Whether it lives, and who asks. */
export const HEALTH_ROUTES: readonly AdminRoute[] = [
  {
    method: 'GET',
    url: '/livez',
    may: 'anyone',
    summary: 'Whether the process answers',
    answer: closed({ alive: FLAG }),
    handle: () => ({ body: { alive: true } }),
  },
  {
    method: 'GET',
    url: '/readyz',
    may: 'anyone',
    summary: 'Whether clients are served; 503 if not',
    answer: closed({ ready: FLAG }),
    handle: (ports) => {
      const { ready } = ports.status()
      return { status: ready ? 200 : 503, body: { ready } }
    },
  },
  {
    method: 'GET',
    url: '/v1/status',
    may: 'operator',
    summary: 'How the broker is, and if it is not ready, why',
    answer: ANYTHING,
    handle: (ports) => ({ body: ports.status() }),
  },
  {
    method: 'GET',
    url: '/v1/metrics',
    may: 'operator',
    summary: 'All metrics, as Prometheus takes them',
    answer: TEXT,
    handle: async (ports) => ({ body: await ports.metrics() }),
  },
  {
    method: 'GET',
    url: '/v1/whoami',
    may: 'tenant-viewer',
    summary: 'Whose token this is, and what it may',
    answer: closed({ name: TEXT, role: TEXT, tenant: NULLABLE_TEXT }),
    handle: (_ports, { caller }) => ({ body: caller }),
  },
]
