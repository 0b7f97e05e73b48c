import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LOOPBACK, serve } from '../support/egress-stage.ts'
import { PluginStage, type StagedTenant } from '../support/plugin-stage.ts'

const HASH = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'

/** Asks an identity service about each client, and checks what it says. */
const PLUGIN = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
const told = (error) => deny({ note: error.name + ' ' + error.code + ': ' + error.message })
export default definePlugin({
  config: { type: 'object', properties: { origin: { type: 'string' } }, required: ['origin'] },
  capabilities: { fetch: { hosts: ['allowed.test'] }, crypto: true },
  authorizePublish: async (event, ctx) => {
    const { topic } = event
    const { origin } = ctx.config
    try {
      if (topic === 'ask') {
        const headers = { authorization: { secret: 'apiToken', prefix: 'Bearer ' } }
        const response = await ctx.fetch(origin + '/users', { method: 'POST', headers, body: 'alice' })
        const { user, echo } = await response.json()
        return deny({ note: [response.ok, response.status, user, echo].join(' ') })
      }
      if (topic === 'metadata') return (await ctx.fetch('https://169.254.169.254/')).ok ? allow() : deny()
      if (topic === 'secret') await ctx.fetch(origin, { headers: { a: { secret: 'unheard' } } })
      if (topic === 'digest') return deny({ note: hex(await ctx.crypto.digest('sha1', 'abc')) })
      if (topic === 'password') {
        const checks = ['U*U', 'U'].map((each) => ctx.crypto.verifyPassword(each, '${HASH}'))
        const [right, wrong] = await Promise.all(checks)
        return deny({ note: right + ' ' + wrong })
      }
      if (topic === 'token') {
        const key = { secret: 'signing' }
        const verified = await ctx.crypto.verifyJwt('a.b.c', key, { algorithms: ['HS256'] })
        return deny({ note: JSON.stringify(verified) })
      }
      return deny({ note: String((await ctx.crypto.randomBytes(1024)).length) })
    } catch (error) {
      return told(error)
    }
  },
})`

async function staged(): Promise<{ stage: PluginStage; tenant: StagedTenant; seen: string[] }> {
  const seen: string[] = []
  const { port } = await serve((request, response) => {
    seen.push(String(request.headers.authorization))
    response.end(JSON.stringify({ user: 'alice', echo: request.headers.authorization }))
  })
  const host = `allowed.test:${port}`
  const stage = await PluginStage.open({ ports: { egress: LOOPBACK } })
  const allow = { fetch: { hosts: [host] }, crypto: true } as const
  const plugin = await stage.prepare(
    PLUGIN.replace("'allowed.test'", `'${host}'`),
    { origin: `https://${host}` },
    allow,
  )
  const secrets = { apiToken: 'topsecret-0123456789', signing: 'x'.repeat(32) }
  const limits = { wallMs: 2000, waitMs: { authenticate: 20_000, authorize: 20_000 } }
  return { stage, tenant: await stage.tenant('acme', { ...plugin, secrets }, limits), seen }
}

test('a plugin in its cell asks a granted host with a secret that it never sees, and checks what it gets', async () => {
  const { stage, tenant, seen } = await staged()
  await using _ = stage
  const note = async (topic: string): Promise<unknown> => {
    const { verdict } = await tenant.publish(topic)
    return (verdict as { note?: string } | null)?.note
  }
  assert.equal(await note('ask'), 'true 200 alice Bearer ********')
  assert.deepEqual(seen, ['Bearer topsecret-0123456789'])
  assert.match(
    String(await note('metadata')),
    /^CapabilityError notAllowed: .*"169\.254\.169\.254:443" is not granted/,
  )
  assert.match(String(await note('secret')), /^CapabilityError unavailable: .*no secret "unheard"/)
  assert.equal(await note('digest'), 'a9993e364706816aba3e25717850c26c9cd0d89d')
  assert.equal(await note('password'), 'true false')
  assert.equal(await note('token'), '{"valid":false,"why":"malformed"}')
  assert.equal(await note('random'), '1024')
})

test('a host that is given other ports still has its way out', async () => {
  const stage = await PluginStage.open({ ports: {} })
  await using _ = stage
  const prepared = await stage.prepare(PLUGIN, { origin: '' }, { fetch: true, crypto: true })
  assert.deepEqual(Object.keys(prepared.capabilities), ['fetch', 'crypto'])
})
