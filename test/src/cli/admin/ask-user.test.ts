import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'

const MODULE = path.resolve(import.meta.dirname, '../../../../src/cli/admin/ask-user.ts')
const run = promisify(execFile)

/**
 * Runs code in a process whose terminal is one that `script` makes, and types when it is asked.
 *
 * @returns all that was shown.
 */
async function atTerminal(code: string, typed: string): Promise<string> {
  const program = `import { confirm, readSecret } from ${JSON.stringify(MODULE)}; ${code}`
  const line = `${process.execPath} --input-type=module -e '${program}'`
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  })
  after(() => child.kill('SIGKILL'))
  let shown = ''
  let isAsked = false
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString()
    if (isAsked || !shown.includes('Asked')) return
    isAsked = true
    child.stdin.write(typed)
  })
  await once(child, 'close')
  return shown
}

const NO_SCRIPT = process.platform === 'linux' ? false : 'script has other flags here'

test('at a terminal, y is yes, and all else is no', { skip: NO_SCRIPT }, async () => {
  const code = 'console.log(`said ${await confirm("Asked?")}`)'
  assert.match(await atTerminal(code, 'y\n'), /said true/)
  assert.match(await atTerminal(code, '\n'), /said false/)
})

test('a secret is not shown while it is typed', { skip: NO_SCRIPT }, async () => {
  const shown = await atTerminal('console.log(`got ${(await readSecret("Asked: ")).length}`)', 'hidden\r')
  assert.match(shown, /got 6/)
  assert.doesNotMatch(shown, /hidden/)
})

test('where nobody sits, --yes must say it; a secret is read from the pipe', async () => {
  const ask = run(process.execPath, [
    '--input-type=module',
    '-e',
    `import { confirm } from ${JSON.stringify(MODULE)}; await confirm('Sure?')`,
  ])
  ask.child.stdin?.end()
  await assert.rejects(ask, /Say so with --yes/)
  const read = run(process.execPath, [
    '--input-type=module',
    '-e',
    `import { readSecret } from ${JSON.stringify(MODULE)}; console.log(await readSecret('x'))`,
  ])
  read.child.stdin?.end(' bh_1 \n')
  assert.equal((await read).stdout, 'bh_1\n')
})
