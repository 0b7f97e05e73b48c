import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePostgresUrl } from '../../../src/config/postgres-url.ts'

test('a URL says where the server is, and as whom it is asked', () => {
  assert.deepEqual(parsePostgresUrl('postgres://mq%40tt@db.example:6432/users'), {
    host: 'db.example',
    port: 6432,
    user: 'mq@tt',
    database: 'users',
    isLocal: false,
  })
  assert.deepEqual(parsePostgresUrl('postgresql://u@[::1]/d'), {
    host: '::1',
    port: 5432,
    user: 'u',
    database: 'd',
    isLocal: true,
  })
  assert.deepEqual(parsePostgresUrl('postgres://u@localhost/d?host=/run/postgresql'), {
    host: '/run/postgresql',
    port: 5432,
    user: 'u',
    database: 'd',
    isLocal: true,
  })
})

test('what is missing, unknown or a secret is refused in words that do not repeat it', () => {
  const wrong = [
    '', 'db.example', 'mysql://u@h/d', 'postgres://h/d', 'postgres://u@h', 'postgres://u@h/',
    'postgres://u@/d',
    'postgres://u@h/d?sslmode=disable', 'postgres://u@h/d#x', 'postgres://u%@h/d', 'postgres://u:hunter2@h/d',
  ] // biome-ignore format: a table
  for (const url of wrong) {
    const said = parsePostgresUrl(url)
    assert.ok(typeof said === 'string', url)
    assert.ok(!said.includes('hunter2'))
  }
})
