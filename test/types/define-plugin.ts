// Compiled, never run: what must compile does, and each line under @ts-expect-error must not.
import { abstain, allow, definePlugin, deny, disconnect, json, text } from 'bulkhead/plugin'

// The first sample of a plugin, as an author would write it.
export const sample = definePlugin({
  config: {
    type: 'object',
    properties: { users: { type: 'array', items: { type: 'string' } } },
    required: ['users'],
    additionalProperties: false,
  },
  capabilities: { log: true },
  authenticate: (event, ctx) =>
    ctx.config.users.includes(event.username ?? '') ? allow() : deny('badUserNameOrPassword', 'unknown user'),
  authorizePublish: (event) =>
    event.topic.startsWith(`home/${event.client.principal}/`)
      ? allow()
      : deny({ code: 0x87, reason: 'not your topic' }),
  onBrokerClientConnected: (event, ctx) => ctx.log.info('hello', { clientId: event.client.clientId }),
})

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function same<A, B>(_equal: Equal<A, B>): void {}

export const everyKindOfOption = definePlugin({
  config: {
    type: 'object',
    properties: {
      acl: { type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } },
      name: { type: 'string' },
      level: { enum: ['low', 'high'], default: 'low' },
      fixed: { const: 7 },
      perSecond: { type: ['integer', 'null'] },
      nested: { type: 'object', properties: { on: { type: 'boolean', default: true } }, default: {} },
    },
    required: ['acl', 'perSecond'],
  },
  setup(ctx) {
    same<typeof ctx.config.acl, { readonly [x: string]: readonly string[] }>(true)
    same<typeof ctx.config.name, string | undefined>(true)
    same<typeof ctx.config.level, 'low' | 'high'>(true)
    same<typeof ctx.config.fixed, 7 | undefined>(true)
    same<typeof ctx.config.perSecond, number | null>(true)
    same<typeof ctx.config.nested.on, boolean>(true)
    same<typeof ctx.tenant, string>(true)
    // @ts-expect-error: the schema has no such option
    void ctx.config.nmae
    // @ts-expect-error: config is frozen
    ctx.config.level = 'high'
    // @ts-expect-error: the log was not asked for
    void ctx.log
  },
})

export const everyAnswer = definePlugin({
  capabilities: { payload: true, password: true },
  authenticate: async (event) => {
    if (event.password === undefined) return null
    if (event.clientId === '') return disconnect('administrativeAction')
    return allow({
      principal: 'someone',
      roles: ['reader'],
      attributes: { site: 'a' },
      grants: [{ effect: 'ask', actions: ['publish'], filter: 'home/{clientId}/#' }],
      session: { maxQos: 1 },
      cacheMs: 1000,
    })
  },
  authorizePublish: (event) => {
    if (event.qos === 0) return true
    if (json(event) === text(event)) return deny({ code: 0x90, ack: 'silent', cacheMs: 5 })
    return event.retain ? allow({ retain: false, maxQos: 1 }) : abstain('no opinion')
  },
  authorizeSubscribe: (event) => ({
    filters: event.filters.map((asked) =>
      asked.share === undefined
        ? allow({ rewriteTo: `a/${asked.filter}` })
        : deny('sharedSubscriptionsNotSupported'),
    ),
  }),
  authorizeReceive: (event) =>
    event.cause === 'live'
      ? { default: 'allow', except: [0] }
      : deny({ reason: 'only live', note: 'seen in logs' }),
  topicFiltering: (event) => (event.action === 'receive' ? null : deny('quotaExceeded')),
})

export const clientPlugin = definePlugin({
  for: 'client',
  onMqttPacketSent: (event, ctx) => {
    if (event.packet.cmd === 'publish') same<typeof event.packet.dup, boolean>(true)
    // @ts-expect-error: a client has no tenant
    void ctx.tenant
  },
})

definePlugin({
  // @ts-expect-error: PUBACK cannot carry 0x9A
  authorizePublish: () => deny('retainNotSupported'),
})
definePlugin({
  // @ts-expect-error: PUBACK cannot carry 0x9A as a number either
  authorizePublish: () => deny({ code: 0x9a }),
})
definePlugin({
  // @ts-expect-error: CONNACK cannot carry 0x8F
  authenticate: (event) => (event.clientId === '' ? allow() : deny('topicFilterInvalid')),
})
definePlugin({
  // @ts-expect-error: only a publish chooses how it is acknowledged
  authenticate: () => deny({ ack: 'silent' }),
})
definePlugin({
  // @ts-expect-error: roles belong to authenticate
  authorizePublish: () => allow({ roles: ['reader'] }),
})
definePlugin({
  // @ts-expect-error: no allow of any hook has such a field
  authorizePublish: () => allow({ maxQso: 1 }),
})
definePlugin({
  // @ts-expect-error: no refusal has such a field
  authorizePublish: () => deny({ resaon: 'typo' }),
})
definePlugin({
  // @ts-expect-error: the standard has no such name
  authorizePublish: () => deny('notAuthorised'),
})
definePlugin({
  // @ts-expect-error: undefined is no answer: return abstain()
  authorizePublish: () => undefined,
})
definePlugin({
  // @ts-expect-error: a hook that nobody calls
  authorizePublsh: () => allow(),
})
definePlugin({
  // @ts-expect-error: no such capability
  capabilities: { logs: true },
})
definePlugin({
  // @ts-expect-error: patterns are outside the safe subset
  config: { type: 'object', properties: { name: { type: 'string', pattern: '^a+$' } } },
})
definePlugin({
  // @ts-expect-error: events are frozen
  authorizePublish: (event) => (event.topic = 'elsewhere') === '',
})
