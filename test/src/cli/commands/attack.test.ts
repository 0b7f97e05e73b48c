import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import path from 'node:path'
import { test } from 'node:test'

const MAIN = path.join(import.meta.dirname, '..', '..', '..', '..', 'src', 'cli', 'main.ts')

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function run(...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, 'attack', ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

test('three attacks: each has its line, and the last lines say how it went', {
  timeout: 60_000,
}, async () => {
  const { code, stdout, stderr } = await run('--only', 'e01,S02,F04')
  assert.equal(stderr, '')
  assert.match(stdout, /^3 hostile plugins/)
  assert.match(stdout, /^✔ E01 {2}constructor chain to Function.* ms .* MiB$/m)
  assert.match(stdout, /^✔ F04 .*deny/m)
  assert.match(stdout, /^✔ S02 .*bad-verdict/m)
  assert.match(stdout, /^3 of 3 attacks contained\.\n.*neighbour.*\n.*event loop/m)
  assert.equal(code, 0)
})

test('for machines: a line of JSON for each attack, and nothing else', { timeout: 60_000 }, async () => {
  const { code, stdout } = await run('--json', '--only', 'S01')
  const lines = stdout.split('\n').filter(Boolean)
  assert.equal(lines.length, 1)
  const { id, contained, endings } = JSON.parse(lines[0] ?? '') as Record<string, unknown>
  assert.deepEqual([id, contained, endings], ['S01', true, ['bad-verdict', 'bad-verdict']])
  assert.equal(code, 0)
})

test('an attack that there is not is an error of usage', async () => {
  const { code, stderr } = await run('--only', 'S99')
  assert.equal(code, 2)
  assert.match(stderr, /ERR_USAGE: no attack is called "S99"/)
})
