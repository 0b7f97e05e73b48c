import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MessageBodies } from '../../../../src/engine/sqlite/message-bodies.ts'
import { Places } from '../../../../src/engine/sqlite/places.ts'
import { SqliteLog } from '../../../../src/engine/sqlite/sqlite-log.ts'
import { Tickets } from '../../../../src/engine/sqlite/tickets.ts'
import { looked, openedStore } from '../../../support/recorded-store.ts'
import { dataFolder, JSON_CODEC } from '../../../support/sqlite-engine.ts'

type Step = readonly ['owe' | 'launch' | 'settle' | 'commit', which: number]

const steps = fc.array(
  fc.tuple(fc.constantFrom('owe', 'owe', 'owe', 'launch', 'settle', 'settle', 'commit'), fc.nat(9)),
  { maxLength: 40 },
) satisfies fc.Arbitrary<Step[]>

test('what is settled before its batch is sent is not written, and everything else is', async (context) => {
  const folder = dataFolder()
  const stage = await openedStore(context, folder)
  const { store } = stage
  const places = new Places(store)
  const tools = {
    store,
    places,
    codec: JSON_CODEC,
    bodies: new MessageBodies<{ readonly text: string }>(store, JSON_CODEC),
    tickets: new Tickets(store, () => undefined),
  }
  const logs = [1, 2].map((sid) => new SqliteLog(tools, sid, 'acme', `client ${sid}`, -1))
  for (const log of logs) log.describe('')
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const owed = new Map<number, number>()
      for (const [what, which] of taken) {
        const [place] = [...owed.keys()].slice(which % Math.max(1, owed.size))
        const log = logs[(place ?? 0) % 2]
        if (what === 'commit') await stage.safe()
        else if (what === 'owe') {
          const next = logs[(places.last + 1) % 2]?.owed({ text: 'm' }, '', 0) ?? 0
          owed.set(next, 0)
        } else if (place === undefined) continue
        else if (what === 'launch') {
          log?.launched(place, which + 1)
          owed.set(place, which + 1)
        } else {
          log?.settled(place)
          owed.delete(place)
        }
      }
      await stage.safe()
      const kept = looked(
        folder,
        'SELECT place, packet_id FROM queue JOIN message USING (mid) ORDER BY place',
      )
      assert.deepEqual(
        kept.map((row) => [row['place'], row['packet_id']]),
        [...owed].sort(([one], [other]) => one - other),
      )
      assert.equal(looked(folder, 'SELECT * FROM message').length, owed.size)
      for (const place of owed.keys()) logs[place % 2]?.settled(place)
    }),
    { numRuns: 30 },
  )
})
