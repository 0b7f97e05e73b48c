import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type CheckedVerdict, hashPassword, type Outcome, readPasswordHash } from '../../../sandbox/index.ts'
import { FAILED_LOGINS } from '../../../src/base/limits.ts'
import { BuiltinVoter } from '../../../src/hooks/builtin-voter.ts'
import { FailedLogins } from '../../../src/hooks/failed-logins.ts'

const hash = readPasswordHash(await hashPassword(Buffer.from('secret')))
const passwords = new Map([['ann', hash]])

function voter(settings: { anonymous?: boolean; hasOthers?: boolean; failed?: FailedLogins } = {}) {
  const { anonymous = false, hasOthers = false, failed = new FailedLogins() } = settings
  return new BuiltinVoter({ tenant: 'acme', passwords, anonymous, hasOthers }, failed)
}

function ask(asked: BuiltinVoter, login: object): Promise<[Outcome, CheckedVerdict | null]> {
  const { promise, resolve } = Promise.withResolvers<[Outcome, CheckedVerdict | null]>()
  const event = JSON.stringify({ remoteAddress: '192.0.2.1', ...login })
  asked.ask('authenticate', null, event, { answered: (_, ...answer) => resolve(answer) }, 0)
  return promise
}

async function said(asked: BuiltinVoter, username?: string, password?: string): Promise<string> {
  const [outcome, verdict] = await ask(asked, {
    username,
    password64: password && Buffer.from(password).toString('base64'),
  })
  assert.equal(outcome, 'ok')
  return `${verdict?.verdict}${verdict !== null && 'code' in verdict ? ` ${verdict.code}` : ''}`
}

describe('the broker’s own voter', () => {
  it('allows by the right password, and denies a wrong, an empty or a missing one with 0x86', async () => {
    const asked = voter({ hasOthers: true })
    assert.equal(await said(asked, 'ann', 'secret'), 'allow')
    for (const wrong of ['Secret', 'secret ', '', undefined])
      assert.equal(await said(asked, 'ann', wrong), 'deny 134')
    assert.equal(asked.isIdle, true)
    assert.equal(asked.counts.questions.get('authenticate')?.outcomes.of('ok'), 5)
  })

  it('leaves an unknown user to plugins; without any it denies as for a wrong password', async () => {
    assert.equal(await said(voter({ hasOthers: true }), 'bob', 'secret'), 'abstain')
    assert.equal(await said(voter(), 'bob', 'secret'), 'deny 134')
    assert.equal(await said(voter(), 'toString', 'secret'), 'deny 134')
  })

  it('lets in who has no user name where the tenant is anonymous, and there alone', async () => {
    assert.equal(await said(voter({ anonymous: true })), 'allow')
    assert.equal(await said(voter()), 'abstain')
  })

  it('leaves who proves itself in steps, without a password, to the plugins', async () => {
    const [, verdict] = await ask(voter(), { username: 'ann', authMethod: 'SCRAM' })
    assert.equal(verdict?.verdict, 'abstain')
  })

  it('does not look at passwords from an address that has failed too often', async () => {
    const failed = new FailedLogins()
    for (let each = 0; each < FAILED_LOGINS.perMin; each += 1) failed.count('192.0.2.1')
    const asked = voter({ failed })
    assert.equal(await said(asked, 'ann', 'secret'), 'deny 159')
    const [, other] = await ask(asked, {
      username: 'ann',
      password64: Buffer.from('secret').toString('base64'),
      remoteAddress: '192.0.2.2',
    })
    assert.equal(other?.verdict, 'allow')
  })
})

it('a voter that knows no users declares nothing, and has no opinion', async () => {
  const asked = new BuiltinVoter(null, new FailedLogins())
  assert.equal(asked.hooks.size, 0)
  assert.equal(await said(asked, 'ann', 'secret'), 'abstain')
})
