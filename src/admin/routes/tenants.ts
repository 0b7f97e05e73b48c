import { notFound, Problem } from '../problem.ts'
import { type AdminRoute, ANYTHING, closed, listOf, TEXT } from '../route.ts'

/** What a tenant is made of: the same keys as below `tenants:` in the config, checked by the same schema. */
const SETTINGS = { ...ANYTHING, description: 'As below `tenants: NAME:` in the config.' }

/** Tenants: those of the config are shown, those made here are changed, too. */
export const TENANT_ROUTES: readonly AdminRoute[] = [
  {
    method: 'GET',
    url: '/v1/tenants',
    may: 'operator',
    summary: 'All tenants',
    answer: listOf('tenants', ANYTHING),
    handle: (ports) => ({ body: { tenants: ports.tenants.list() } }),
  },
  {
    method: 'POST',
    url: '/v1/tenants',
    may: 'operator',
    summary: 'Make a tenant; its clients can connect at once',
    body: closed({ name: TEXT, settings: SETTINGS }, ['settings']),
    answer: ANYTHING,
    handle: async (ports, { body }) => {
      const { name, settings = {} } = body as { name: string; settings?: object }
      return { status: 201, body: await ports.tenants.create(name, settings), changed: { after: settings } }
    },
  },
  {
    method: 'GET',
    url: '/v1/tenants/:tenant',
    may: 'tenant-viewer',
    summary: 'How a tenant is set, and how it is',
    answer: ANYTHING,
    handle: (ports, { params: { tenant = '' } }) => {
      const found = ports.tenants.get(tenant)
      if (found === undefined) throw notFound(`tenant ${JSON.stringify(tenant)}`)
      const { state, revision } = found
      return { body: state, ...(revision === undefined ? {} : { revision }) }
    },
  },
  {
    method: 'PUT',
    url: '/v1/tenants/:tenant',
    may: 'operator',
    summary: 'Change how a tenant is set; no connection drops',
    body: SETTINGS,
    answer: ANYTHING,
    handle: async (ports, { params: { tenant = '' }, body, ifMatch }) => {
      if (ifMatch !== undefined && ports.tenants.get(tenant)?.revision !== ifMatch)
        throw new Problem(412, 'it was changed meanwhile: look at it anew')
      return { body: await ports.tenants.change(tenant, body as object, ifMatch), changed: { after: body } }
    },
  },
  {
    method: 'PUT',
    url: '/v1/tenants/:tenant/quotas',
    may: 'operator',
    summary: "Change the quotas that are named; '' means the default",
    body: { type: 'object', additionalProperties: { type: ['integer', 'string'] } },
    answer: ANYTHING,
    handle: async (ports, { params: { tenant = '' }, body }) => ({
      body: await ports.tenants.setQuotas(tenant, body as Readonly<Record<string, unknown>>),
      changed: { after: body },
    }),
  },
  {
    method: 'POST',
    url: '/v1/tenants/:tenant/suspend',
    may: 'operator',
    summary: 'Disconnect its clients and let nobody in; nothing is deleted',
    answer: ANYTHING,
    handle: async (ports, { params: { tenant = '' } }) => ({
      body: await ports.tenants.suspend(tenant, true),
      changed: { after: 'suspended' },
    }),
  },
  {
    method: 'POST',
    url: '/v1/tenants/:tenant/resume',
    may: 'operator',
    summary: 'Let its clients in again',
    answer: ANYTHING,
    handle: async (ports, { params: { tenant = '' } }) => ({
      body: await ports.tenants.suspend(tenant, false),
      changed: { before: 'suspended' },
    }),
  },
  {
    method: 'DELETE',
    url: '/v1/tenants/:tenant',
    may: 'operator',
    summary: 'Delete a tenant with all that it has: sessions, messages, plugins, tokens',
    handle: async (ports, { params: { tenant = '' } }) => {
      await ports.tenants.delete(tenant)
      return { changed: { before: tenant } }
    },
  },
]
