import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { FIRST_INPUT, tryCommand } from '../../../../sandbox/host/jail/launch.ts'

const NODE = { file: process.execPath, args: ['-'] }

test('a program gets its inputs, each to its end, and its socket; nothing of our environment', async () => {
  const inputs = ['one', 'two'].map((text) => new TextEncoder().encode(text))
  const read = `const fs = require('node:fs')
    const all = [${FIRST_INPUT}, ${FIRST_INPUT + 1}].map((fd) => fs.readFileSync(fd, 'utf8'))
    fs.writeSync(3, JSON.stringify([all, process.env]))`
  assert.deepEqual(await tryCommand({ ...NODE, inputs }, read), { ok: true, said: '[["one","two"],{}]' })
})

test('a failure is told by the first line of its last words, or by how it ended', async () => {
  const said = await tryCommand(NODE, "process.stderr.write('no luck\\nat all'); process.exitCode = 3")
  assert.deepEqual(said, { ok: false, why: 'no luck' })
  const silent = await tryCommand(NODE, 'process.exitCode = 3')
  assert.deepEqual(silent, { ok: false, why: 'it ends with exit code 3' })
})

test('a program that is not there is a failure, and the command has ended', async () => {
  let ended = 0
  const tried = await tryCommand({ file: '/nowhere/node', args: [], ended: () => (ended += 1) }, '')
  assert.match(tried.ok ? '' : tried.why, /ENOENT/)
  assert.equal(ended, 1)
})

test('a command line that the system refuses within the call is a failure, and the command has ended', async () => {
  let ended = 0
  const args = ['x'.repeat(4 * 1024 * 1024)]
  const tried = await tryCommand({ file: '/bin/true', args, ended: () => (ended += 1) }, '')
  assert.deepEqual(tried, { ok: false, why: 'spawn E2BIG', lacks: false })
  assert.equal(ended, 1)
})

const SANDBOX = new URL('../../../../sandbox', import.meta.url).href
const EXHAUSTED = `
import { openSync } from 'node:fs'
import { runBuilder } from '${SANDBOX}/bundle/run-builder.ts'
import { tryCommand } from '${SANDBOX}/host/jail/launch.ts'
const plain = { main: 'p.js', packages: false, files: [], sdk: [], globals: [], injected: {}, sdkEntry: '' }
const request = { ...plain, bundler: '/nowhere' }
// what both need once is there
await Promise.all([tryCommand({ file: '/bin/true', args: [] }, ''), runBuilder(request)])
try {
  for (;;) openSync('/dev/null')
} catch {
  const tried = await tryCommand({ file: '/bin/true', args: [] }, '')
  console.log(JSON.stringify([tried, await runBuilder(request)]))
}`

test('without a descriptor left, what does not start is a failure with a reason', async () => {
  const line = [
    '-c',
    'ulimit -n 64 && exec "$@"',
    'sh',
    process.execPath,
    '--input-type=module',
    '-e',
    EXHAUSTED,
  ]
  const { stdout } = await promisify(execFile)('/bin/sh', line)
  const [tried, built] = JSON.parse(stdout) as [{ why: string; lacks: boolean }, { gaveUp: string }]
  assert.match(tried.why, /EMFILE/)
  assert.equal(tried.lacks, true)
  assert.match(built.gaveUp, /EMFILE/)
})
