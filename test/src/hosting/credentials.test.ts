import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Credentials } from '../../../src/hosting/credentials.ts'
import { newMemoryEngine } from '../../support/memory-engine.ts'

test('a password is kept as a slow hash, each tenant’s by itself, and changed by setting it again', async () => {
  const { documents } = newMemoryEngine()
  const credentials = new Credentials(documents)
  await credentials.set('acme', 'ann', 'secret')
  await credentials.set('zoo', 'ann', 'other')
  const [kept] = await documents.list('acme', 'credential', undefined, 10)
  assert.ok(kept !== undefined && kept.text.includes('argon2id') && !kept.text.includes('secret'))
  const before = kept.text
  await credentials.set('acme', 'ann', 'secret')
  assert.notEqual((await documents.get('acme', 'credential', 'ann'))?.text, before)
  assert.deepEqual(
    (await credentials.list('acme')).map(({ name }) => name),
    ['ann'],
  )
  assert.deepEqual(
    [await credentials.delete('acme', 'ann'), await credentials.delete('acme', 'ann')],
    [true, false],
  )
  assert.equal((await credentials.passwords('zoo')).size, 1)
})

test('rules are kept as they were written, until there are none', async () => {
  const credentials = new Credentials(newMemoryEngine().documents)
  assert.equal(await credentials.rules('acme'), undefined)
  await credentials.setRules('acme', ['# mine', 'topic read a'])
  assert.deepEqual(await credentials.rules('acme'), ['# mine', 'topic read a'])
  await credentials.setRules('acme', null)
  assert.equal(await credentials.rules('acme'), undefined)
})

for (const [name, password] of [
  ['', 'x'],
  ['a\n', 'x'],
  ['x'.repeat(257), 'x'],
  ['ann', ''],
  ['ann', 'x'.repeat(257)],
] as const)
  test(`no user ${JSON.stringify(name.slice(0, 5))} with a password of ${password.length} characters`, async () => {
    const credentials = new Credentials(newMemoryEngine().documents)
    await assert.rejects(credentials.set('acme', name, password), { code: 'ERR_CREDENTIAL' })
  })
