import assert from 'node:assert/strict'
import path from 'node:path'
import { it } from 'node:test'
import { checkPassword, type PasswordHash } from '../../../sandbox/index.ts'
import { readPasswordFile } from '../../../src/config/password-file.ts'
import { tempFolder } from '../../support/temp-folder.ts'

// as mosquitto_passwd 2.0 wrote it of `secret`
const HASH =
  '$7$101$eGb0oNHyEM3gtR3c$' +
  '4ifi5usjG9v4ak9iuoMs3tYlsb8EXrmRoSaF/2HrIcispOEzjhbEcPGikM1NaRkFceJKyBMGzZ7WAywgrJvbWQ=='
const folder = tempFolder({
  good: `# people\nann:${HASH}\n`,
  twice: `ann:${HASH}\nann:${HASH}\n`,
  bare: 'ann\n',
  plain: 'ann:hunter2\n',
})
const read = (name: string) => readPasswordFile(path.join(folder, name))

it('a file that mosquitto_passwd wrote is read as it is', async () => {
  const hash = read('good').get('ann') as PasswordHash
  assert.equal(await checkPassword('acme', Buffer.from('secret'), hash), true)
  assert.equal(await checkPassword('acme', Buffer.from('Secret'), hash), false)
})

it('a mistake is named by its line, and no password is repeated', () => {
  assert.throws(() => read('twice'), {
    code: 'ERR_CONFIG_INVALID',
    message: /twice:2 the user "ann" is there/,
  })
  assert.throws(() => read('bare'), { code: 'ERR_CONFIG_INVALID', message: /bare:1 expected USER:HASH/ })
  assert.throws(
    () => read('plain'),
    (error: Error) => /plain:1 hash: must be/.test(error.message) && !error.message.includes('hunter2'),
  )
})
