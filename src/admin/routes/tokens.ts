import { TOKEN_NAME_CHARS } from '../../base/limits.ts'
import { covers, ROLES, type Role } from '../../hosting/roles.ts'
import type { AdminPorts } from '../admin-ports.ts'
import { notFound, Problem } from '../problem.ts'
import { type AdminRoute, type Asked, closed, listOf, NULLABLE_TEXT, type Reply, TEXT } from '../route.ts'

const TOKEN = closed({
  id: TEXT,
  name: TEXT,
  role: { enum: ROLES },
  tenant: NULLABLE_TEXT,
  createdAt: TEXT,
  expiresAt: NULLABLE_TEXT,
  lastUsedAt: NULLABLE_TEXT,
})

/** The token itself is in this answer, and never again. */
const CREATED = closed({ token: TOKEN, secret: TEXT })

/** Those of the operator, and those of a tenant. */
export const TOKEN_ROUTES: readonly AdminRoute[] = [
  ...routesAt('/v1/tokens', 'operator', ['operator']),
  ...routesAt('/v1/tenants/:tenant/tokens', 'tenant-admin', ROLES.slice(0, -1)),
]

function routesAt(url: string, may: Role, roles: readonly Role[]): readonly AdminRoute[] {
  return [
    {
      method: 'GET',
      url,
      may,
      summary: 'Tokens, without what they are',
      answer: listOf('tokens', TOKEN),
      handle: async (ports, { params }) => ({
        body: { tokens: await ports.tokens.list(params['tenant'] ?? null) },
      }),
    },
    {
      method: 'POST',
      url,
      may,
      summary: 'Make a token; the answer alone has it',
      body: closed(
        {
          name: { type: 'string', minLength: 1, maxLength: TOKEN_NAME_CHARS },
          role: { enum: roles },
          expiresAt: { type: 'string', maxLength: 40 },
        },
        ['expiresAt'],
      ),
      answer: CREATED,
      handle: create,
    },
    {
      method: 'DELETE',
      url: `${url}/:id`,
      may,
      summary: 'Revoke a token; it ends at once',
      handle: async (ports, { params }) => {
        const { tenant = null, id = '' } = params
        if (!(await ports.tokens.revoke(tenant, id))) throw notFound(`token ${id}`)
        return { changed: { before: id } }
      },
    },
  ]
}

async function create(ports: AdminPorts, { params, body, caller }: Asked): Promise<Reply> {
  const { name, role, expiresAt = null } = body as { name: string; role: Role; expiresAt?: string }
  const { tenant = null } = params
  // a role gives no more than it has
  if (!covers(caller.role, role)) throw new Problem(403, `the role ${caller.role} makes no token of ${role}`)
  if (tenant !== null && ports.tenants.get(tenant) === undefined) throw notFound(`tenant ${tenant}`)
  const created = await ports.tokens.create({ name, role, tenant, expiresAt })
  return { status: 201, body: created, changed: { after: created.token } }
}
