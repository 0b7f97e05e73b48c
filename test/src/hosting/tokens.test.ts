import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TOKENS_PER_TENANT } from '../../../src/base/limits.ts'
import { Tokens } from '../../../src/hosting/tokens.ts'
import { newMemoryEngine } from '../../support/memory-engine.ts'

const { documents } = newMemoryEngine()
const tokens = new Tokens(documents)
const wanted = { name: 'ci', role: 'tenant-deployer', tenant: 'acme', expiresAt: null } as const

describe('a token', () => {
  it('is found by what was shown once, and by nothing that is kept', async () => {
    const { token, secret } = await tokens.create(wanted)
    assert.match(secret, /^bh_[0-9a-f]{16}_[\w-]{43}$/)
    assert.equal((await tokens.find(secret))?.id, token.id)
    const [kept] = await documents.list('', 'token', undefined, 10)
    assert.ok(kept !== undefined && !kept.text.includes(secret.split('_').slice(2).join('_')))
    assert.ok(!('hash' in token) && !(await tokens.list('acme')).some((each) => 'hash' in each))
  })

  it('with one character that is another is nobody’s', async () => {
    const { secret } = await tokens.create({ ...wanted, tenant: 'other' })
    const last = secret.at(-2) === 'A' ? 'B' : 'A'
    for (const wrong of [
      `${secret.slice(0, -2)}${last}${secret.at(-1)}`,
      `${secret}A`,
      secret.slice(0, -1),
      '',
      'bh__',
    ])
      assert.equal(await tokens.find(wrong), undefined)
  })

  it('is valid until its time, and no longer', async (t) => {
    const expiresAt = new Date(Date.now() + 60_000).toISOString()
    const { secret } = await tokens.create({ ...wanted, tenant: 'timed', expiresAt })
    assert.ok(await tokens.find(secret))
    t.mock.timers.enable({ apis: ['Date'], now: Date.parse(expiresAt) })
    assert.equal(await tokens.find(secret), undefined)
  })

  it('ends when it is revoked, by its own tenant alone', async () => {
    const { token, secret } = await tokens.create({ ...wanted, tenant: 'mine' })
    assert.equal(await tokens.revoke('another', token.id), false)
    assert.equal(await tokens.revoke(null, token.id), false)
    assert.ok(await tokens.find(secret))
    assert.equal(await tokens.revoke('mine', token.id), true)
    assert.equal(await tokens.find(secret), undefined)
  })

  it('goes with its tenant', async () => {
    const { secret } = await tokens.create({ ...wanted, tenant: 'gone' })
    const kept = await tokens.create({ ...wanted, tenant: 'gone2' })
    await tokens.revokeAll('gone')
    assert.equal(await tokens.find(secret), undefined)
    assert.ok(await tokens.find(kept.secret))
  })

  it('tells when it was last used, to the hour', async (t) => {
    const { secret } = await tokens.create({ ...wanted, tenant: 'seen' })
    const seen = async (): Promise<string | null | undefined> => (await tokens.list('seen'))[0]?.lastUsedAt
    assert.equal(await seen(), null)
    t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2027-01-01T00:00:00Z') })
    await tokens.find(secret)
    t.mock.timers.tick(600_000)
    await tokens.find(secret)
    assert.equal(await seen(), '2027-01-01T00:00:00.000Z')
    t.mock.timers.tick(3_600_000)
    await tokens.find(secret)
    assert.equal(await seen(), '2027-01-01T01:10:00.000Z')
  })
})

describe('no token is made', () => {
  for (const [what, wrong] of [
    ['without a name', { name: ' ' }],
    ['with too long a name', { name: 'x'.repeat(65) }],
    ['of the operator for a tenant', { role: 'operator' }],
    ['of a tenant’s role for none', { tenant: null }],
    ['that has expired', { expiresAt: '2020-01-01T00:00:00Z' }],
    ['until a time that is none', { expiresAt: 'tomorrow' }],
  ] as const)
    it(what, async () => {
      await assert.rejects(tokens.create({ ...wanted, ...wrong }), { code: 'ERR_TOKEN' })
    })

  it('beyond as many as a tenant may have; another tenant’s are not counted', async () => {
    const own = new Tokens(newMemoryEngine().documents)
    for (let n = 0; n < TOKENS_PER_TENANT; n += 1) await own.create(wanted)
    await assert.rejects(own.create(wanted), { code: 'ERR_TOKEN', message: /revoke some/ })
    await own.create({ ...wanted, tenant: 'zoo' })
  })
})
