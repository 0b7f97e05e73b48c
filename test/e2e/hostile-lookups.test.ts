import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { connect, type IConnackPacket } from 'mqtt'
import { startBroker } from '../support/broker.ts'
import { children, commandOf } from '../support/processes.ts'
import { connectClient } from '../support/mqttjs.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** Does what the user name says, and lets its client in with what came of it. */
const HOSTILE = `
import { allow, definePlugin } from 'bulkhead/plugin'
const attacks = {
  flood: (ctx) => Promise.all(Array.from({ length: 7 }, () => ctx.query('endless'))),
  huge: (ctx) => ctx.query('find', { name: 'x'.repeat(100_000) }),
  many: (ctx) => ctx.query('find', Object.fromEntries(Array.from({ length: 100 }, (_, i) => ['p' + i, i]))),
  object: (ctx) => ctx.query('find', { name: { toString: 'x' } }),
  foreign: (ctx) => ctx.query('salaries'),
  impostor: (ctx) => ctx.query('own', { tenant: 'victim' }),
  prototype: (ctx) => ctx.query('__proto__', {}),
  write: (ctx) => ctx.query('write'),
}
export default definePlugin({
  capabilities: { query: { names: ['find', 'endless', 'own', 'write'] } },
  async authenticate({ username }, ctx) {
    try {
      const rows = await attacks[username](ctx)
      return allow({ connack: { userProperties: [['got', JSON.stringify(rows)]] } })
    } catch (error) {
      return allow({ connack: { userProperties: [['got', error.code + ' ' + error.message]] } })
    }
  },
})`

/** The one who shares the file, and wants nothing but its own rows. */
const HONEST = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { query: { names: ['own'] } },
  async authenticate(_event, ctx) {
    const rows = await ctx.query('own')
    return rows.length === 1 && rows[0].secret === 'of victim' ? allow() : deny('notAuthorized')
  },
})`

const folder = tempFolder({ 'hostile/plugin.ts': HOSTILE, 'honest/plugin.ts': HONEST })
const file = join(folder, 'shared.db')
const made = new DatabaseSync(file)
made.exec(`CREATE TABLE mine (tenant TEXT, secret TEXT);
  INSERT INTO mine VALUES ('victim', 'of victim'), ('attacker', 'of attacker')`)
made.close()

const ENDLESS = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c'

function tenant(plugin: string, names: readonly string[]) {
  return {
    match: { usernamePrefix: `${plugin}/` },
    allow: { query: { names } },
    plugins: { [join(folder, plugin)]: null },
  }
}

const { url } = await startBroker({
  databases: {
    shared: {
      type: 'sqlite',
      file,
      timeoutMs: 300,
      queries: {
        find: { sql: 'SELECT secret FROM mine WHERE tenant = :name', parameters: ['name'] },
        own: { sql: 'SELECT secret FROM mine WHERE tenant = :tenant', parameters: ['tenant'] },
        endless: { sql: ENDLESS },
        salaries: { sql: 'SELECT secret FROM mine' },
        write: { sql: 'DELETE FROM mine' },
      },
    },
  },
  tenants: {
    attacker: tenant('hostile', ['find', 'own', 'endless', 'write']),
    victim: tenant('honest', ['own']),
  },
})

/** What came of it, as the plugin tells its client. */
async function attack(name: string): Promise<string> {
  const client = connect(url, { username: `hostile/${name}`, protocolVersion: 5, reconnectPeriod: 0 })
  const { properties } = await new Promise<IConnackPacket>((resolve) => client.once('connect', resolve))
  await client.endAsync()
  return String((properties?.userProperties as Record<string, string> | undefined)?.['got'])
}

test('what a plugin gives is checked before it leaves: sizes, kinds, names, and whose rows it may see', async () => {
  assert.match(await attack('huge'), /^invalid .*at most 4096 bytes/)
  assert.match(await attack('many'), /^invalid .*at most 16 keys/)
  assert.match(await attack('object'), /^invalid /)
  assert.match(await attack('foreign'), /^notAllowed "salaries" was not granted/)
  assert.match(await attack('prototype'), /^notAllowed/)
  assert.match(await attack('impostor'), /^invalid parameters: must be none/)
})

test('what the database says stays with the operator', async () => {
  const said = await attack('write')
  assert.equal(said, 'unavailable the source refuses the question')
})

test('a flood of statements without end leaves a neighbour its turn, and no process behind', async () => {
  const flood = attack('flood')
  const honest = await connectClient(url, { username: 'honest/x', protocolVersion: 5 })
  await honest.endAsync()
  assert.match(await flood, /^unavailable there was no whole answer in time/)
  const readers = children(process.pid).filter((pid) => commandOf(pid).includes('sqlite-process'))
  assert.ok(readers.length <= 1, `${readers.length} processes read one file`)
})
