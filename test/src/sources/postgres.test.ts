import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { PostgresConfig } from '../../../src/config/source-config.ts'
import { Availability } from '../../../src/sources/availability.ts'
import { PostgresDatabase } from '../../../src/sources/postgres.ts'
import { NO_POSTGRES, type PostgresServer, startPostgres } from '../../support/postgres.ts'
import { recordedSources } from '../../support/recorded-sources.ts'
import { question } from '../../support/source-question.ts'

const SCHEMA = `CREATE TABLE account
    (name text PRIMARY KEY, n bigint, at timestamptz, raw bytea, flag boolean, cost numeric);
  INSERT INTO account VALUES ('alice', 1, '2026-01-31 12:00:00+00', '\\x00ff', true, 1.10),
    ('o''brien', 9007199254740993, NULL, NULL, false, NULL)`

const started = NO_POSTGRES === false ? await startPostgres(SCHEMA) : undefined

const server = started as PostgresServer
const skip = NO_POSTGRES

function open(change: Partial<PostgresConfig> = {}): { database: PostgresDatabase; told: string[] } {
  const { observer, told } = recordedSources()
  const where = { host: server.socketFolder, port: 5432, user: 'reader', database: 'postgres' }
  const config = {
    name: 'people',
    type: 'postgres',
    password: '',
    tls: undefined,
    queries: [],
    ...where,
  } as const
  const database = new PostgresDatabase(
    { ...config, connections: 2, timeoutMs: 5000, ...change },
    new Availability('database people', observer),
  )
  after(() => database.stop())
  return { database, told }
}

test('a PostgreSQL server: gives rows as plain data: times as ISO 8601, decimals and large integers as text', {
  skip,
}, async () => {
  const { database } = open()
  assert.deepEqual(await database.run(question('SELECT * FROM account ORDER BY name')), [
    {
      name: 'alice',
      n: 1,
      at: '2026-01-31T12:00:00+00:00',
      raw: new Uint8Array([0, 255]),
      flag: true,
      cost: '1.10',
    },
    { name: "o'brien", n: '9007199254740993', at: null, raw: null, flag: false, cost: null },
  ])
})

test('a PostgreSQL server: takes values beside the statement: none of them is ever read as one', {
  skip,
}, async () => {
  const { database } = open()
  const sql = 'SELECT name FROM account WHERE name = $1'
  const ask = (name: string) => database.run(question(sql, { parameters: ['name'], values: [name] }))
  assert.deepEqual(await ask("o'brien"), [{ name: "o'brien" }])
  for (const attempt of ["' OR 1=1 --", "'; DROP TABLE account; --", '$1', '\\', 'alice;']) {
    assert.deepEqual(await ask(attempt), [])
  }
  assert.deepEqual(await ask('alice'), [{ name: 'alice' }])
})

test('a PostgreSQL server: runs one statement, and writes nothing, even where its user might', {
  skip,
}, async () => {
  const { database, told } = open({ user: 'owner' })
  const two = await database.run(question('SELECT 1; SELECT 2'))
  const write = await database.run(question("DELETE FROM account WHERE name = 'alice'"))
  for (const ended of [two, write]) {
    assert.deepEqual(ended, { failure: 'unavailable', why: 'the source refuses the question' })
  }
  assert.match(told.join('\n'), /multiple commands.*\n.*read-only transaction/)
})

test('a PostgreSQL server: what is more than it may be is refused, never cut off: rows, bytes, one value', {
  skip,
}, async () => {
  const { database } = open()
  const tooMuch = { failure: 'limit', why: 'the answer is larger than it may be' }
  assert.deepEqual(await database.run(question('SELECT generate_series(1, 1000000)')), tooMuch)
  assert.deepEqual(await database.run(question("SELECT repeat('x', 70000)")), tooMuch)
  assert.deepEqual(await database.run(question("SELECT repeat('x', 100000000)")), tooMuch)
  assert.deepEqual(await database.run(question('SELECT 1 AS one')), [{ one: 1 }])
})

test('a PostgreSQL server: a value of another kind is the plugin’s mistake, and no news for the operator', {
  skip,
}, async () => {
  const { database, told } = open()
  const asked = question('SELECT name FROM account WHERE n = $1', { parameters: ['n'], values: ['x'] })
  assert.deepEqual(await database.run(asked), { failure: 'invalid', why: 'a value does not fit the query' })
  assert.deepEqual(told, [])
})

test('a PostgreSQL server: a statement that sleeps is ended by the server, and keeps no connection from another tenant', {
  skip,
}, async () => {
  const { database } = open({ timeoutMs: 400 })
  const asleep = [1, 2, 3].map(() => database.run(question('SELECT pg_sleep(60)', { tenant: 'sleeper' })))
  const awake = database.run(question('SELECT 1 AS one', { tenant: 'neighbour' }))
  assert.deepEqual(await awake, [{ one: 1 }])
  assert.deepEqual(await asleep[0], { failure: 'unavailable', why: 'there was no whole answer in time' })
  await database.stop()
  for (const ended of await Promise.all(asleep))
    assert.equal('failure' in ended && ended.failure, 'unavailable')
})

test('a PostgreSQL server: the server goes: questions fail at once; it comes back: they are answered again', {
  skip,
}, async () => {
  const { database, told } = open()
  await database.run(question('SELECT 1'))
  await server.stop()
  const gone = await database.run(question('SELECT 1'))
  assert.equal('failure' in gone && gone.failure, 'unavailable')
  assert.ok(!JSON.stringify(gone).includes(server.socketFolder), 'a plugin does not learn where it is')
  await server.start()
  let back = await database.run(question('SELECT 1 AS one'))
  while ('failure' in back) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    back = await database.run(question('SELECT 1 AS one'))
  }
  assert.deepEqual(back, [{ one: 1 }])
  assert.equal(told.at(-1), 'database people answers again')
})
