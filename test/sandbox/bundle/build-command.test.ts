import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { suite, test } from 'node:test'
import { promisify } from 'node:util'
import { buildCommand } from '../../../sandbox/bundle/build-command.ts'

const run = promisify(execFile)

/** The builder's own jail, with another program in the builder's place. */
async function inJail(program: string): Promise<string> {
  const { file, args } = await buildCommand()
  const jailed = [...args.slice(0, -1), program]
  return (await run(file, jailed, { env: {}, cwd: '/' })).stdout
}

suite('the builder’s process', () => {
  test('reads no file but the bundler’s', async () => {
    const program = `import { readFileSync } from 'node:fs'
      try { readFileSync('/etc/passwd') } catch (error) { process.stdout.write(error.code) }`
    assert.equal(await inJail(program), 'ERR_ACCESS_DENIED')
  })

  test('connects to nobody', async () => {
    const program = `import { connect } from 'node:net'
      try { connect(9, '127.0.0.1').on('error', (error) => process.stdout.write(error.code)) }
      catch (error) { process.stdout.write(error.code) }`
    assert.equal(await inJail(program), 'ERR_ACCESS_DENIED')
  })

  test('has an empty environment', async () => {
    assert.equal(await inJail('process.stdout.write(JSON.stringify(process.env))'), '{}')
  })

  test('runs into a memory wall', async (t) => {
    const { file, args } = await buildCommand()
    if (![file, ...args].some((arg) => arg.endsWith('/prlimit'))) return t.skip('prlimit is not installed')
    const program = `const kept = []
      for (let mib = 0; mib < 400; mib += 10) kept.push(Buffer.alloc(10 * 2 ** 20, 1))`
    await assert.rejects(inJail(program))
  })
})
