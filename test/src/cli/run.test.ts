import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bulkhead } from './bulkhead.ts'

describe('a command line', () => {
  it('that is not understood says so, with the nearest command, and ends with 2', async () => {
    const known =
      'start, check, doctor, explain, status, reload, stop, backup, restore, store, ' +
      'config, passwd, import-amqtt, pub, sub, login, whoami, tenant, token, user, clients, ' +
      'audit, attack, plugin'
    const lines = {
      '': `a command is missing; there are ${known}`,
      strat: 'unknown command "strat"; did you mean "start"?',
      constructor: `unknown command "constructor"; there are ${known}`,
      'start --confg x': "unknown option '--confg' (Did you mean --config?)",
      'config schema extra': "too many arguments for 'schema'. Expected 0 arguments but got 1.",
    }
    for (const [words, message] of Object.entries(lines)) {
      const { code, stderr, stdout } = await bulkhead(words.split(' ').filter(Boolean))
      assert.match(stderr, new RegExp(`^bulkhead: ERR_USAGE: ${RegExp.escape(message)}`))
      assert.deepEqual([code, stdout], [2, ''])
    }
  })

  it('that asks for help gets it on stdout, and ends with 0', async () => {
    const all = await bulkhead(['--help'])
    assert.match(all.stdout, /^ {2}check +check a config and its plugins$/m)
    const one = await bulkhead(['sub', '--help'])
    assert.match(one.stdout, /-h, --host <host>/)
    assert.deepEqual([all.code, one.code, one.stderr], [0, 0, ''])
  })
})
