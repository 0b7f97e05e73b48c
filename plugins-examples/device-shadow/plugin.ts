import { type Ctx, definePlugin, json, type Json, type Message } from 'bulkhead/plugin'
import { delta, iota, NO_SHADOW, readUpdate, type Shadow, timesOf, UpdateError, updated } from './shadow.ts'

type Context = Ctx<unknown, { kv: { bytes: number }; publish: { topics: readonly string[] } }>

/** What a client asks of a shadow. */
const REQUEST = /^\$shadow\/([\w-]{1,128})\/([\w-]{1,64})\/(get|update)$/

/** Another isolate, or another broker, may have written meanwhile: then the update is made anew. */
const TRIES = 2

/** By shadow, the end of the updates that are under way: two at once must not overwrite each other. */
const underWay = new Map<string, Promise<void>>()

export default definePlugin({
  config: {
    type: 'object',
    properties: {
      connection: {
        type: 'string',
        description:
          "aMQTT's: the database of its shadows. Not used: here they are in the broker's own store.",
        secret: true,
      },
    },
    additionalProperties: false,
  },
  capabilities: { kv: { bytes: 1_048_576 }, log: true, payload: true, publish: { topics: ['$shadow/#'] } },

  setup({ config, log }) {
    if (config.connection !== undefined)
      log.warn("`connection` is not used: shadows are kept in the broker's own store")
  },

  async onBrokerMessageReceived({ message }, ctx) {
    const [topic, device, name, request] = REQUEST.exec(message.topic) ?? []
    if (topic === undefined) return
    const key = `${device}/${name}`
    await (request === 'get' ? get(topic, key, ctx) : inTurn(key, () => update(topic, key, message, ctx)))
  },
})

async function get(topic: string, key: string, ctx: Context): Promise<void> {
  const entry = await ctx.kv.get(key)
  if (entry === undefined) reject(topic, 404, 'shadow not found', ctx)
  else send(`${topic}/accepted`, entry.value, ctx)
}

async function update(topic: string, key: string, message: Message, ctx: Context): Promise<void> {
  try {
    const change = readUpdate(parsed(message))
    for (let tries = 0; tries < TRIES; tries += 1) {
      const entry = await ctx.kv.get(key)
      const before = (entry?.value as Shadow | undefined) ?? NO_SHADOW
      const after = updated(before, change, seconds())
      const { ok } = await ctx.kv.set(key, after, { ifVersion: entry?.version ?? 0 })
      if (ok) return tell(topic, before, after, ctx)
    }
    reject(topic, 409, 'the shadow was changed at the same time', ctx)
  } catch (error) {
    if (error instanceof UpdateError) return reject(topic, 400, error.message, ctx)
    const { code } = error as { readonly code?: unknown }
    if (code === 'invalid') return reject(topic, 413, 'the shadow would be too large', ctx)
    if (code === 'limit') return reject(topic, 507, 'there is no room for more shadows', ctx)
    throw error
  }
}

function parsed(message: Message): unknown {
  try {
    return json(message)
  } catch {
    throw new UpdateError('the update is not JSON, or too large')
  }
}

/** What an update came to: the shadow, what the device has to do, and both shadows in full. */
function tell(topic: string, before: Shadow, after: Shadow, ctx: Context): void {
  const { state, metadata, version, timestamp } = after
  send(`${topic}/accepted`, after, ctx)
  for (const [kind, difference] of [
    ['delta', delta(state)],
    ['iota', iota(state)],
  ] as const) {
    const times = timesOf(difference, metadata.desired)
    send(`${topic}/${kind}`, { state: difference, metadata: times, version, timestamp }, ctx)
  }
  send(`${topic}/documents`, { previous: before, current: after, timestamp }, ctx)
}

function reject(topic: string, code: number, message: string, ctx: Context): void {
  send(`${topic}/rejected`, { code, message, timestamp: seconds() }, ctx)
}

function send(topic: string, content: Json, ctx: Context): void {
  ctx.publish({ topic, payload: JSON.stringify(content), qos: 1 })
}

/** Runs `work` once what is under way for the shadow has ended, however it ended. */
async function inTurn(key: string, work: () => Promise<void>): Promise<void> {
  const before = underWay.get(key)
  const { promise, resolve } = Promise.withResolvers<void>()
  underWay.set(key, promise)
  try {
    await before
    await work()
  } finally {
    resolve()
    if (underWay.get(key) === promise) underWay.delete(key)
  }
}

function seconds(): number {
  return Math.floor(Date.now() / 1000)
}
