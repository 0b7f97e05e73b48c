import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, suite, test } from 'node:test'
import { Availability } from '../../../src/sources/availability.ts'
import { SqliteDatabase } from '../../../src/sources/sqlite.ts'
import { recordedSources } from '../../support/recorded-sources.ts'
import { children } from '../../support/processes.ts'
import { question } from '../../support/source-question.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const folder = tempFolder({ 'broken.db': 'this is no database, and never was one' })
const file = join(folder, 'users.db')
const made = new DatabaseSync(file)
made.exec(`CREATE TABLE user (name TEXT, n, raw BLOB);
  INSERT INTO user VALUES ('alice', 1, x'00ff'), ('o''brien', 9007199254740993, NULL), ('zoë', 1.5, NULL)`)
made.close()

const ENDLESS = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) AS n FROM c'

function open(path = file, timeoutMs = 5000): { database: SqliteDatabase; told: string[] } {
  const { observer, told } = recordedSources()
  const config = { name: 'users', type: 'sqlite', file: path, timeoutMs, queries: [] } as const
  const database = new SqliteDatabase(config, new Availability('database users', observer))
  after(() => database.stop())
  return { database, told }
}

suite('a SQLite file', () => {
  const { database, told } = open()

  test('gives rows as plain data: large integers as text, bytes as bytes', async () => {
    assert.deepEqual(await database.run(question('SELECT * FROM user ORDER BY name')), [
      { name: 'alice', n: 1, raw: new Uint8Array([0, 255]) },
      { name: "o'brien", n: '9007199254740993', raw: null },
      { name: 'zoë', n: 1.5, raw: null },
    ])
  })

  test('takes values beside the statement: none of them is ever read as one', async () => {
    const sql = 'SELECT name FROM user WHERE name = :name'
    const ask = (name: string) => database.run(question(sql, { parameters: ['name'], values: [name] }))
    assert.deepEqual(await ask("o'brien"), [{ name: "o'brien" }])
    for (const attempt of ["' OR 1=1 --", "'; DROP TABLE user; --", 'alice\n--', '%', '" OR ""="']) {
      assert.deepEqual(await ask(attempt), [])
    }
    assert.deepEqual(await ask('alice'), [{ name: 'alice' }])
  })

  test('is never written to', async () => {
    assert.deepEqual(await database.run(question("INSERT INTO user VALUES ('eve', 1, NULL)")), {
      failure: 'unavailable',
      why: 'the source refuses the question',
    })
    assert.match(told.at(-1) ?? '', /^database users: query q: attempt to write a readonly database/)
  })

  test('what is more than it may be is refused, never cut off: rows, bytes, one value', async () => {
    const tooMuch = { failure: 'limit', why: 'the answer is larger than it may be' }
    assert.deepEqual(await database.run(question('SELECT name FROM user', { maxRows: 2 })), tooMuch)
    assert.deepEqual(await database.run(question('SELECT hex(zeroblob(40000)) AS x')), tooMuch)
    assert.deepEqual(await database.run(question('SELECT zeroblob(900000000) AS x')), tooMuch)
  })

  test('a statement that is wrong is the operator’s news, in whose words it stays', async () => {
    const { failure, why } = (await database.run(question('SELECT secret FROM nowhere'))) as never
    assert.deepEqual({ failure, why }, { failure: 'unavailable', why: 'the source refuses the question' })
    assert.equal(told.at(-1), 'database users: query q: no such table: nowhere')
  })
})

test('a statement without end is ended with its process, and the next question has a new one', async () => {
  const { database } = open(file, 300)
  await database.run(question('SELECT 1'))
  const before = children(process.pid)
  const tooLate = { failure: 'unavailable', why: 'there was no whole answer in time' }
  const endless = database.run(question(ENDLESS))
  const behind = database.run(question('SELECT 2 AS two', { tenant: 'other' }))
  assert.deepEqual(await endless, tooLate)
  assert.deepEqual(await behind, [{ two: 2 }])
  assert.equal(children(process.pid).length, before.length)
  await database.stop()
  assert.deepEqual(await database.run(question('SELECT 1')), {
    failure: 'unavailable',
    why: 'the source cannot be reached',
  })
})

test('a file that is missing, or none, fails the question and is told to the operator once', async () => {
  for (const name of ['missing.db', 'broken.db']) {
    const { database, told } = open(join(folder, name))
    const first = await database.run(question('SELECT name FROM user'))
    const second = await database.run(question('SELECT name FROM user'))
    for (const ended of [first, second]) assert.equal('failure' in ended && ended.failure, 'unavailable')
    assert.equal(told.length, 1, told.join('; '))
  }
})
