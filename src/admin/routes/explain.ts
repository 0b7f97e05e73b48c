import { notFound, Problem } from '../problem.ts'
import type { ExplainQuestion } from '../admin-ports.ts'
import { type AdminRoute, ANYTHING, FLAG, listOf, TEXT } from '../route.ts'

/** Why clients may, or may not. */
export const EXPLAIN_ROUTES: readonly AdminRoute[] = [
  {
    method: 'GET',
    url: '/v1/tenants/:tenant/explain',
    may: 'tenant-viewer',
    summary: 'Ask the plugins as if the client did it now: who says what, whose word wins',
    query: {
      client: TEXT,
      action: { enum: ['publish', 'subscribe', 'receive'] },
      topic: TEXT,
      qos: { type: 'integer', minimum: 0, maximum: 2, default: 0 },
      retain: { ...FLAG, default: false },
    },
    answer: ANYTHING,
    handle: async (ports, { params, query }) => {
      const { tenant = '' } = params
      for (const name of ['client', 'action', 'topic'])
        if (query[name] === undefined) throw new Problem(400, `${name}: is missing`)
      const question = { tenant, ...query } as unknown as ExplainQuestion
      const explained = await ports.explain(question)
      if (explained === 'invalid') throw new Problem(400, `topic: ${JSON.stringify(question.topic)} is none`)
      if (explained === undefined) throw notFound(`session of a client ${JSON.stringify(question.client)}`)
      return { body: explained }
    },
  },
  {
    method: 'GET',
    url: '/v1/tenants/:tenant/refusals',
    may: 'tenant-viewer',
    summary: 'The newest refusals, the newest first',
    query: { client: TEXT, action: TEXT, topic: TEXT },
    answer: listOf('refusals', ANYTHING),
    handle: (ports, { params, query }) => ({
      body: { refusals: ports.refusals(params['tenant'] ?? '', query) ?? [] },
    }),
  },
]
