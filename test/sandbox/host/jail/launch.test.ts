import assert from 'node:assert/strict'
import { test } from 'node:test'
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
