import { abstain, type Ctx, definePlugin, deny, type Json } from 'bulkhead/plugin'

/** What the store keeps of an address, under `address/ADDRESS`. */
type Attempts = {
  /** Logins since the last one that succeeded. */
  readonly count: number
  /** In ms since the epoch. */
  readonly last: number
}

type Context = Ctx<
  { readonly attempts: number; readonly quietSec: number },
  { kv: { bytes: number }; publish: { topics: readonly string[] }; metrics: true; timers: true }
>

const PREFIX = 'address/'
const SWEEP_MS = 1000
/** A call may use powers eight times: one of them is the list. */
const DELETED_PER_SWEEP = 7

/** Where the next sweep goes on; an isolate that starts anew begins at the front again. */
let sweptUntil: string | undefined

export default definePlugin({
  config: {
    type: 'object',
    properties: {
      attempts: {
        type: 'integer',
        description: 'So many logins of one address may fail in a row.',
        minimum: 1,
        default: 5,
      },
      quietSec: {
        type: 'integer',
        description: 'After so many seconds without a login an address is as good as new.',
        minimum: 1,
        default: 300,
      },
    },
    additionalProperties: false,
  },
  capabilities: {
    kv: { bytes: 262_144 },
    publish: { topics: ['alerts/login-throttle'], perSecond: 10 },
    metrics: true,
    timers: true,
  },

  setup(ctx) {
    ctx.timers.every(SWEEP_MS, sweep)
  },

  async authenticate({ remoteAddress }, ctx) {
    const count = await countAttempt(remoteAddress, ctx)
    if (count <= ctx.config.attempts) return abstain()
    ctx.metrics.count('logins_refused')
    if (count === ctx.config.attempts + 1) {
      const payload = JSON.stringify({ tenant: ctx.tenant, remoteAddress, attempts: count })
      ctx.publish({ topic: 'alerts/login-throttle', payload, qos: 1 })
    }
    return deny('connectionRateExceeded', 'too many logins have failed; wait before the next one')
  },

  // who gets in had a reason to try
  onBrokerClientConnected: ({ client }, ctx) => ctx.kv.delete(PREFIX + client.remoteAddress),
})

/** How many logins of this address have come to nothing, with this one; 0: the store is full. */
async function countAttempt(remoteAddress: string, ctx: Context): Promise<number> {
  const key = PREFIX + remoteAddress
  // logins that come at once must not count as one: whoever finds that the entry has changed counts anew
  for (let tries = 0; tries < 3; tries += 1) {
    const entry = await ctx.kv.get(key)
    const known = attemptsOf(entry?.value)
    const count = isStale(known, ctx) ? 1 : known.count + 1
    const next: Attempts = { count, last: Date.now() }
    const ifVersion = entry?.version ?? 0
    const written = await ctx.kv.set(key, next, { ifVersion }).catch(unlessFull)
    if (written === undefined) {
      // whoever fills the store from many addresses must not lock everybody else out
      ctx.metrics.count('logins_uncounted')
      return 0
    }
    if (written.ok) return count
  }
  return Number.POSITIVE_INFINITY
}

/** Forgets addresses that have become quiet, a few at a time. */
async function sweep(ctx: Context): Promise<void> {
  const entries = await ctx.kv.list(PREFIX, sweptUntil === undefined ? {} : { after: sweptUntil })
  sweptUntil = entries.at(-1)?.key
  ctx.metrics.gauge('addresses_watched', entries.length)
  const stale = entries.filter(({ value }) => isStale(attemptsOf(value), ctx)).slice(0, DELETED_PER_SWEEP)
  // one that has tried again meanwhile has another version by now
  await Promise.all(stale.map(({ key, version }) => ctx.kv.delete(key, { ifVersion: version })))
}

function isStale({ last }: Attempts, ctx: Context): boolean {
  return Date.now() - last >= ctx.config.quietSec * 1000
}

/** The store gives what was written, maybe by an older version of this plugin. */
function attemptsOf(value: Json | undefined): Attempts {
  const { count, last } = (value ?? {}) as { readonly count?: Json; readonly last?: Json }
  return typeof count === 'number' && typeof last === 'number' ? { count, last } : { count: 0, last: 0 }
}

function unlessFull(error: unknown): undefined {
  if ((error as { readonly code?: unknown }).code !== 'limit') throw error
}
