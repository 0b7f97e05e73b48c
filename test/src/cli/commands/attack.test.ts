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

// light ones, which may end in a timeout as well: the command has the clocks of production, whoever uses the
// cores, and a heavier one beside other tests takes its own bystander's time
test('three attacks: each has its line, and the last lines say how it went', {
  timeout: 60_000,
}, async () => {
  const { code, stdout, stderr } = await run('--only', 'w14,W18,W20')
  assert.equal(stderr, '')
  assert.match(stdout, /^3 hostile plugins/)
  assert.match(stdout, /^✔ W14 {2}\S.* ms .* MiB$/m)
  assert.match(stdout, /^✔ W18 .*(deny|threw|unsettled|timeout|deadline)/m)
  assert.match(stdout, /^✔ W20 .*(deny|timeout|deadline)/m)
  assert.match(stdout, /^3 of 3 attacks contained\.\n.*neighbour.*\n.*event loop/m)
  assert.equal(code, 0)
})

test('for machines: a line of JSON for each attack, and nothing else', { timeout: 60_000 }, async () => {
  const { code, stdout } = await run('--json', '--only', 'W20')
  const lines = stdout.split('\n').filter(Boolean)
  assert.equal(lines.length, 1)
  const { id, contained, endings } = JSON.parse(lines[0] ?? '') as Record<string, unknown>
  assert.deepEqual([id, contained], ['W20', true])
  assert.ok(Array.isArray(endings) && endings.length >= 2)
  assert.equal(code, 0)
})

test('an attack that there is not is an error of usage', async () => {
  const { code, stderr } = await run('--only', 'S99')
  assert.equal(code, 2)
  assert.match(stderr, /ERR_USAGE: no attack is called "S99"/)
})
