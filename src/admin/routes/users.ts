import { ADMIN } from '../../base/limits.ts'
import { notFound } from '../problem.ts'
import { type AdminRoute, closed, listOf, TEXT } from '../route.ts'

const AT = '/v1/tenants/:tenant'
const RULES = listOf('rules', TEXT)

/** Users and access rules, for tenants that need no plugin for them. */
export const USER_ROUTES: readonly AdminRoute[] = [
  {
    method: 'GET',
    url: `${AT}/users`,
    may: 'tenant-viewer',
    summary: 'Users that have a password here',
    answer: listOf('users', closed({ name: TEXT, changedAt: TEXT })),
    handle: async (ports, { params: { tenant = '' } }) => ({
      body: { users: await ports.access.users(tenant) },
    }),
  },
  {
    method: 'PUT',
    url: `${AT}/users/:user`,
    may: 'tenant-admin',
    summary: 'Give a user a password; it holds from the next login on, and nobody can read it again',
    body: closed({ password: { type: 'string', minLength: 1, maxLength: 256 } }),
    handle: async (ports, { params: { tenant = '', user = '' }, body }) => {
      await ports.access.setUser(tenant, user, (body as { password: string }).password)
      return { changed: { after: user } }
    },
  },
  {
    method: 'DELETE',
    url: `${AT}/users/:user`,
    may: 'tenant-admin',
    summary: 'Delete a user; who is connected stays',
    handle: async (ports, { params: { tenant = '', user = '' } }) => {
      if (!(await ports.access.deleteUser(tenant, user))) throw notFound(`user ${JSON.stringify(user)}`)
      return { changed: { before: user } }
    },
  },
  {
    method: 'GET',
    url: `${AT}/rules`,
    may: 'tenant-viewer',
    summary: 'Access rules, as lines of a mosquitto acl_file',
    answer: RULES,
    handle: async (ports, { params: { tenant = '' } }) => ({
      body: { rules: await ports.access.rules(tenant) },
    }),
  },
  {
    method: 'PUT',
    url: `${AT}/rules`,
    may: 'tenant-admin',
    summary: 'Replace all access rules; none: there are no rules',
    body: closed({
      rules: { type: 'array', maxItems: ADMIN.ruleLines, items: { type: 'string', maxLength: 1024 } },
    }),
    answer: RULES,
    handle: async (ports, { params: { tenant = '' }, body }) => {
      const { rules } = body as { rules: readonly string[] }
      await ports.access.setRules(tenant, rules)
      return { body: { rules: await ports.access.rules(tenant) }, changed: { after: rules } }
    },
  },
]
