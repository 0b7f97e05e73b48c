import { allow, definePlugin, deny, type Grant } from 'bulkhead/plugin'

/** What a role may do; what it does not name is refused. */
interface Role {
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
  readonly deny: readonly string[]
}

const FILTERS = { type: 'array', items: { type: 'string', minLength: 1 }, default: [] } as const

/** Compiled once; an isolate may be replaced at any moment, and `setup` then fills it again. */
const grantsOf = new Map<string, readonly Grant[]>()

export default definePlugin({
  config: {
    type: 'object',
    properties: {
      roles: {
        type: 'object',
        description: 'Role to the topic filters that it may use, and to those that it may not for all that.',
        additionalProperties: {
          type: 'object',
          properties: { publish: FILTERS, subscribe: FILTERS, deny: FILTERS },
          additionalProperties: false,
        },
      },
      users: {
        type: 'object',
        description: 'User name to password hash (argon2id, bcrypt or PBKDF2) and roles.',
        additionalProperties: {
          type: 'object',
          properties: {
            hash: { type: 'string', minLength: 1, secret: true },
            roles: { type: 'array', items: { type: 'string' } },
          },
          required: ['hash', 'roles'],
          additionalProperties: false,
        },
      },
    },
    required: ['roles', 'users'],
    additionalProperties: false,
  },
  capabilities: { crypto: true, password: true },

  setup(ctx) {
    for (const [name, role] of Object.entries(ctx.config.roles)) grantsOf.set(name, compiled(role))
    for (const [name, { roles }] of Object.entries(ctx.config.users)) {
      const unknown = roles.find((role) => !grantsOf.has(role))
      if (unknown !== undefined) throw new Error(`${name} has the role ${unknown}, which is not defined`)
    }
  },

  async authenticate({ username = '', password = '' }, ctx) {
    const { users } = ctx.config
    const user = Object.hasOwn(users, username) ? users[username] : undefined
    // an unknown user's password is checked too: it must not be refused sooner than a known one's
    const { hash } = user ?? Object.values(users)[0] ?? {}
    const isRight = hash !== undefined && (await ctx.crypto.verifyPassword(password, hash))
    if (user === undefined || !isRight) return deny('badUserNameOrPassword')
    const { roles } = user
    return allow({ roles, grants: roles.flatMap((role) => grantsOf.get(role) ?? []) })
  },
})

/**
 * A denial beats what any role allows. It leaves subscriptions alone: who may subscribe to `home/#` gets all
 * of it but what is denied. Once a grant speaks of receiving, grants decide it all: so each subscription
 * allows it too.
 */
function compiled({ publish, subscribe, deny: denied }: Role): readonly Grant[] {
  return [
    ...publish.map((filter): Grant => ({ effect: 'allow', actions: ['publish'], filter })),
    ...subscribe.map((filter): Grant => ({ effect: 'allow', actions: ['subscribe', 'receive'], filter })),
    ...denied.map((filter): Grant => ({ effect: 'deny', actions: ['publish', 'receive'], filter })),
  ]
}
