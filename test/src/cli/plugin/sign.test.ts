import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { ManagedBroker } from '../../../support/managed-broker.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { bulkhead } from '../bulkhead.ts'

// a pair made by minisign 0.11 with -W, for these tests alone
const PUBLIC = 'RWTouxmzhYH9tBgjvM1d8db9UKT4VaKNE1SLc1UZ1BcqnPL1w/1L6wVL'
const SECRET = `untrusted comment: minisign encrypted secret key
RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA6LsZs4WB/bQD2fUrDLzdEaEV3pAw\
7Lt788+4JAJUn+N9wyyYk+fI0xgjvM1d8db9UKT4VaKNE1SLc1UZ1BcqnPL1w/1L6wVL\
AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
`
const folder = tempFolder({
  key: SECRET,
  'gate/plugin.ts': `import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({ authorizePublish: () => allow() })`,
})
const file = path.join(folder, 'gate.bundle.json')

test('a tenant that takes signed plugins alone takes what is signed, and nothing else', async () => {
  const managed = await ManagedBroker.start()
  const signing = { trustedKeys: [PUBLIC], required: true }
  const plugin = async (...words: string[]) => bulkhead(['plugin', ...words], '', managed.env(acme))
  const acme = await managed.tenant('acme', { signing })
  await plugin('build', path.join(folder, 'gate'), '-o', file)
  const unsigned = await plugin('deploy', file)
  assert.deepEqual(
    [unsigned.code, /ERR_PLUGIN_SIGNATURE: .*signed bundles alone/.test(unsigned.stderr)],
    [1, true],
  )
  const signed = await plugin('sign', file, '-s', path.join(folder, 'key'), '-t', 'release 1')
  assert.equal(signed.code, 0, signed.stderr)
  const { code, stdout } = await plugin('deploy', file)
  assert.deepEqual([code, /serves, active/.test(stdout)], [0, true])
  const { versions } = JSON.parse((await plugin('versions', 'gate', '--json')).stdout) as {
    versions: { signed: object }[]
  }
  assert.deepEqual(versions[0]?.signed, { keyId: 'B4FD8185B319BBE8', trustedComment: 'release 1' })
})

test('a file that is not there, or a comment of several lines, is a mistake of who signs', async () => {
  for (const words of [
    ['none.json', '-s', path.join(folder, 'key')],
    [path.join(folder, 'gate/plugin.ts'), '-s', 'none'],
    [path.join(folder, 'gate/plugin.ts'), '-s', path.join(folder, 'key'), '-t', 'a\nb'],
  ])
    assert.equal((await bulkhead(['plugin', 'sign', ...words])).code, 2)
})
