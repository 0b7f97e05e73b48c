import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { lookup as bySystem } from 'node:dns'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { after, test } from 'node:test'
import { nameServers } from '../../../../sandbox/host/capabilities/lookup.ts'
import { LOOKUPS_UNDER_WAY } from '../../../../sandbox/limits.ts'
import { eventually } from '../../../support/processes.ts'

/** A name server that knows `both.test` in both families, `four.test` in one, and is silent otherwise. */
const server = createSocket('udp4')
let asked = 0
server.on('message', (query, from) => {
  asked += 1
  const labels = query.toString('latin1', 13, query.indexOf(0, 12))
  const type = query[query.indexOf(0, 12) + 2]
  const known = labels.startsWith('both') || labels.startsWith('four')
  if (!known) return
  const data = type === 1 ? ['c0000201'] : labels.startsWith('both') ? [`20010db8${'0'.repeat(23)}1`] : []
  server.send(answerTo(query, type ?? 0, data), from.port, from.address)
})
server.bind(0, '127.0.0.1')
await once(server, 'listening')
after(() => server.close())
const servers = [`127.0.0.1:${server.address().port}`]

/** The query's header and question, and one record for each of the data. */
function answerTo(query: Buffer, type: number, data: readonly string[]): Buffer {
  const question = query.subarray(12, query.indexOf(0, 12) + 5)
  const header = Buffer.from(query.subarray(0, 12))
  header.writeUInt16BE(0x8180, 2)
  header.writeUInt16BE(data.length, 6)
  header.writeUInt32BE(0, 8)
  const records = data.map((hex) => {
    const bytes = Buffer.from(hex, 'hex')
    return Buffer.concat([Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 9, 0, bytes.length]), bytes])
  })
  return Buffer.concat([header, question, ...records])
}

test('both families are asked for, and one that is not there is not missed', async () => {
  const lookup = nameServers(servers)
  assert.deepEqual(await lookup('both.test'), ['192.0.2.1', '2001:db8::1'])
  assert.deepEqual(await lookup('four.test'), ['192.0.2.1'])
})

test('names that are slow to resolve take no thread, and have a bound of their own', async () => {
  const lookup = nameServers(servers)
  const before = asked
  const ending = new AbortController()
  const slow = Array.from({ length: LOOKUPS_UNDER_WAY }, (_, n) => lookup(`slow${n}.test`, ending.signal))
  await assert.rejects(lookup('both.test'), { code: 'limit' })
  await eventually(() => asked - before >= LOOKUPS_UNDER_WAY)
  // what needs a thread has one: this would come after all of them
  await new Promise((found) => bySystem('127.0.0.1', found))
  ending.abort()
  for (const each of slow) assert.deepEqual(await each, [])
  assert.equal((await lookup('both.test')).length, 2)
})

test('a lookup whose fetch has ended ends with it, and leaves no socket', {
  skip: process.platform === 'linux' ? false : 'only Linux shows what is open',
}, async () => {
  const lookup = nameServers(servers)
  const before = readdirSync('/proc/self/fd').length
  const ending = new AbortController()
  const begun = performance.now()
  const never = lookup('never.test', ending.signal)
  setTimeout(() => ending.abort(), 20)
  assert.deepEqual(await never, [])
  assert.ok(performance.now() - begun < 900, 'it did not wait for its own time')
  await eventually(() => readdirSync('/proc/self/fd').length <= before)
})
