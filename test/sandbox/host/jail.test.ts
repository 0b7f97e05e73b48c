import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { raiseJail } from '../../../sandbox/host/jail.ts'

const BOUNDS = { dataMiB: 300, isolates: 1, jit: false }

/** Runs JavaScript where a cell's program runs, and returns what it says. */
async function inJail(program: string, mode: 'auto' | 'minimal'): Promise<string> {
  const { file, args } = (await raiseJail(mode)).command(BOUNDS)
  const child = spawn(file, args, { env: {}, stdio: ['pipe', 'ignore', 'inherit', 'pipe'] })
  child.stdin?.end(`const say = (what) => require('node:fs').writeSync(3, String(what))\n${program}`)
  const [said] = await Promise.all([text(child.stdio[3] as NodeJS.ReadableStream), once(child, 'exit')])
  return said
}

const DENIED: Readonly<Record<string, string>> = {
  'read files': "require('node:fs').readFileSync('/etc/hostname')",
  'write files': "require('node:fs').writeFileSync('/tmp/x', '')",
  'start processes': "require('node:child_process').spawnSync('true')",
  'start workers': "new (require('node:worker_threads').Worker)('1', { eval: true })",
}

for (const mode of ['auto', 'minimal'] as const) {
  for (const [what, code] of Object.entries(DENIED)) {
    test(`a cell (${mode}) cannot ${what}`, async () => {
      const said = await inJail(`try { ${code}; say('done') } catch (error) { say(error.code) }`, mode)
      assert.equal(said, 'ERR_ACCESS_DENIED')
    })
  }

  test(`a cell (${mode}) cannot connect`, async () => {
    const connect = "require('node:net').connect(9, '127.0.0.1').on('error', (error) => say(error.code))"
    assert.equal(
      await inJail(`try { ${connect} } catch (error) { say(error.code) }`, mode),
      'ERR_ACCESS_DENIED',
    )
  })

  test(`a cell (${mode}) has no environment and no WebAssembly`, async () => {
    assert.equal(
      await inJail('say(Object.keys(process.env).length + typeof WebAssembly)', mode),
      '0undefined',
    )
  })
}

test('what is missing is named, and strict refuses to start without it', async () => {
  const { layers } = await raiseJail('auto')
  const missing = layers.filter((layer) => !layer.stands)
  assert.ok(missing.some((layer) => layer.name === 'seccomp'))
  await assert.rejects(raiseJail('strict'), {
    code: 'ERR_JAIL',
    message: /seccomp \(not built by this version\)/,
  })
})

test('minimal is the process and the permission model', async () => {
  const { layers } = await raiseJail('minimal')
  assert.deepEqual(
    layers.map((layer) => layer.name),
    ['process', 'permission', 'jitless'],
  )
})

/** What a program that is not Node sees behind the layers around Node. */
async function wrapped(program: readonly string[]): Promise<string> {
  const { file, args } = (await raiseJail('auto')).command(BOUNDS)
  const line = [file, ...args]
  const [first = '', ...rest] = [...line.slice(0, line.indexOf(process.execPath)), ...program]
  return new Promise((resolve) => {
    execFile(first, rest, { env: {} }, (error, stdout, stderr) => resolve(error === null ? stdout : stderr))
  })
}

const { layers } = await raiseJail('auto')
function missing(name: string): string | false {
  const layer = layers.find((each) => each.name === name)
  return layer?.stands === true ? false : `the layer ${name} does not stand here: ${layer?.detail}`
}

test('a cell gains no privileges', { skip: missing('parent-death') }, async () => {
  assert.match(await wrapped(['/bin/cat', '/proc/self/status']), /NoNewPrivs:\s+1/)
})

test('a cell has a memory wall, no core dumps, no file writes', { skip: missing('rlimits') }, async () => {
  const limits = await wrapped(['/bin/cat', '/proc/self/limits'])
  assert.match(limits, /Max data size\s+314572800\s+314572800/)
  assert.match(limits, /Max core file size\s+0\s+0/)
  assert.match(limits, /Max file size\s+0\s+0/)
})
