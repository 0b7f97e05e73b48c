import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { startBroker } from '../support/broker.ts'
import { NO_MOSQUITTO, run, subscribe } from '../support/mosquitto.ts'
import { NO_POSTGRES, startPostgres } from '../support/postgres.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** Of `wonderland`, made by htpasswd; cheap, since it is no secret. */
const HASH = '$2y$04$dqC0HZomdkFGQxJnC57lb.QDxwmJ.vVMG0M7HJdAcKD.HqyBFRpOG'

/** aMQTT's own tables, as its managers fill them. */
const TABLES = `CREATE TABLE user_auth
    (id INTEGER PRIMARY KEY, username VARCHAR UNIQUE, password_hash VARCHAR(128));
  CREATE TABLE topic_auth (id INTEGER PRIMARY KEY, username VARCHAR UNIQUE,
    publish_acl TEXT, subscribe_acl TEXT, receive_acl TEXT);
  INSERT INTO user_auth VALUES (1, 'alice', '${HASH}'), (2, 'bob', '${HASH}');
  INSERT INTO topic_auth VALUES
    (1, 'alice', '[{"topic": "home/#"}]', '[{"topic": "home/#"}]', '[{"topic": "home/#"}]'),
    (2, 'bob', '[]', '[{"topic": "home/#"}]', '[{"topic": "home/public"}]');`

const PLUGINS = {
  './plugins-examples/auth-database': null,
  './plugins-examples/acl-database': null,
}

function queries(placeholder: string) {
  const columns = 'publish_acl, subscribe_acl, receive_acl'
  return {
    findUser: {
      sql: `SELECT password_hash FROM user_auth WHERE username = ${placeholder}`,
      parameters: ['username'],
    },
    findTopics: {
      sql: `SELECT ${columns} FROM topic_auth WHERE username = ${placeholder}`,
      parameters: ['username'],
    },
  }
}

const as = (user: string, password: string): string[] => ['-u', user, '-P', password]

async function clientsAreJudged(port: number): Promise<void> {
  const alice = as('alice', 'wonderland')
  const bob = await subscribe(port, [...as('bob', 'wonderland'), '-t', 'home/#'])
  const publish = (user: readonly string[], topic: string) =>
    run('mosquitto_pub', port, [...user, '-V', '5', '-q', '1', '-t', topic, '-m', topic])
  assert.equal((await publish(alice, 'home/secret')).code, 0)
  assert.equal((await publish(alice, 'home/public')).code, 0)
  assert.match((await publish(alice, 'garden')).stderr, /Not authorized/)
  assert.match((await publish(as('bob', 'wonderland'), 'home/public')).stderr, /Not authorized/)
  for (const stranger of [as('alice', 'wrong'), as("' OR 1=1 --", 'wonderland'), as('eve', 'wonderland')]) {
    assert.match((await publish(stranger, 'home/public')).stderr, /Bad User Name or Password/)
  }
  assert.deepEqual(await bob.lines(1), ['home/public'])
  bob.child.kill()
}

test('clients are admitted, and their topics judged, by an SQLite file', { skip: NO_MOSQUITTO }, async () => {
  const file = join(tempFolder({}), 'mqtt.db')
  const made = new DatabaseSync(file)
  made.exec(TABLES)
  made.close()
  const { port } = await startBroker({
    allow: { password: true, query: true },
    databases: { users: { type: 'sqlite', file, timeoutMs: 5000, queries: queries(':username') } },
    plugins: PLUGINS,
  })
  await clientsAreJudged(port)
})

const skip = NO_MOSQUITTO || NO_POSTGRES
const server = skip === false ? await startPostgres(TABLES) : undefined

test('… and by a PostgreSQL server', { skip }, async () => {
  const { port } = await startBroker({
    allow: { password: true, query: { names: ['findUser', 'findTopics'] } },
    databases: {
      users: { type: 'postgres', url: server?.url, timeoutMs: 5000, queries: queries('$1') },
    },
    plugins: PLUGINS,
  })
  await clientsAreJudged(port)
})
