import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { portIn } from '../support/broker-process.ts'
import { commandOf, descendants } from '../support/processes.ts'
import { RawClient } from '../support/raw-client.ts'
import { tempFolder } from '../support/temp-folder.ts'

const MAIN = path.resolve(import.meta.dirname, '../../src/cli/main.ts')
/** Nobody's: what it runs is counted for this test alone. */
const AS_ANOTHER = ['--reuid=54321', '--regid=54321', '--clear-groups']
const GATE = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({ authenticate: () => allow(), authorizePublish: () => allow() })`

test('a broker that may start no process refuses, serves again when it may, and stops when told', {
  skip: whyNot(),
  timeout: 60_000,
}, async () => {
  const folder = tempFolder({
    'gate/plugin.ts': GATE,
    'broker.yaml': JSON.stringify({
      listeners: { mqtt: { type: 'tcp', bind: '127.0.0.1:0' } },
      plugins: { './gate': {} },
    }),
  })
  chmodSync(folder, 0o755)
  const broker = spawn(
    'setpriv',
    [...AS_ANOTHER, process.execPath, MAIN, 'start', '-c', `${folder}/broker.yaml`],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
      cwd: '/',
    },
  )
  after(() => broker.kill('SIGKILL'))
  const port = await portIn(broker.stdout)
  // cells are started by their launcher
  const launchers = descendants(broker.pid).filter((pid) => commandOf(pid).includes('launcher-process'))
  assert.equal(launchers.length, 1)
  const limit = (most: string): void => {
    for (const pid of [broker.pid, ...launchers]) {
      execFileSync('setpriv', [...AS_ANOTHER, 'prlimit', '--pid', String(pid), `--nproc=${most}`])
    }
  }
  limit('1:')
  assert.notEqual(await connectAt(port), 0)
  limit('500:')
  // what did not start is tried again with backoff: a client that comes back is served in the end
  while ((await connectAt(port)) !== 0);
  const ended = once(broker, 'exit')
  broker.kill('SIGTERM')
  assert.deepEqual(await ended, [0, null])
})

async function connectAt(port: number): Promise<number | undefined> {
  const client = await RawClient.open(port, 4)
  const { returnCode } = await client.connack({ clientId: 'polite' })
  client.socket.destroy()
  return returnCode
}

/** A limit on processes does not hold for root, and only root can become somebody else. */
function whyNot(): string | false {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'only root on Linux can run it as another'
  const canRead = spawnSync('setpriv', [...AS_ANOTHER, process.execPath, '--check', MAIN])
  return canRead.status === 0 ? false : 'nobody else can read these files, or setpriv is not installed'
}
