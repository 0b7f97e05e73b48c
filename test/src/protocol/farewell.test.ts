import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DRAIN_WAVE_MS } from '../../../src/base/limits.ts'
import { ReasonCode } from '../../../src/codec/reason-code.ts'
import { Farewell, type Leaving } from '../../../src/protocol/farewell.ts'

/** A connection that remembers what became of it; it is closed as soon as it is ended. */
class StagedPeer {
  readonly version = 5
  state: Leaving['state'] = 'online'
  isAnswered = true
  held = 0
  said: { readonly code: number; readonly reference: string | undefined; readonly at: number } | null = null
  readonly connection = { hold: () => void (this.held += 1) }
  readonly #peers: Set<Leaving>

  constructor(peers: Set<Leaving>) {
    this.#peers = peers
    peers.add(this)
  }

  ownWords(): object {
    return {}
  }

  end(
    code: number,
    _by: string,
    { serverReference }: { readonly serverReference?: string | undefined } = {},
  ) {
    this.said = { code, reference: serverReference, at: performance.now() }
    this.state = 'ended'
    this.#peers.delete(this)
  }
}

function staged(count: number, serverReference?: string) {
  const peers = new Set<Leaving>()
  const all = Array.from({ length: count }, () => new StagedPeer(peers))
  return { peers, all, farewell: new Farewell(peers, serverReference) }
}

test('all are sent away within the time, in waves, each held before it is told', async () => {
  const { all, farewell } = staged(60)
  const began = performance.now()
  await farewell.run(4 * DRAIN_WAVE_MS)
  const times = all.map(({ said }) => said?.at ?? NaN)
  assert.ok(all.every(({ said, held }) => said?.code === ReasonCode.serverShuttingDown && held === 1))
  const last = Math.max(...times)
  // how many waves there are is chance and the machine's; that there is more than one is not
  assert.ok(last - Math.min(...times) >= DRAIN_WAVE_MS / 2, `${last - Math.min(...times)}`)
  assert.ok(last - began >= DRAIN_WAVE_MS / 2)
})

test('without time all are told at once, and which server to use where there is one', async () => {
  const { all, farewell } = staged(3, 'other.example:1883')
  await farewell.run(0)
  const told = all.map(({ said }) => [said?.code, said?.reference])
  assert.deepEqual(new Set(told.map(String)), new Set([`${ReasonCode.useAnotherServer},other.example:1883`]))
})

test('who has something under way is told when it is answered, or when its time is over', async () => {
  const { all, farewell } = staged(2)
  const [busy, stuck] = all as [StagedPeer, StagedPeer]
  busy.isAnswered = false
  stuck.isAnswered = false
  const over = farewell.run(2 * DRAIN_WAVE_MS)
  setTimeout(() => (busy.isAnswered = true), 10)
  await over
  assert.ok(busy.said !== null && stuck.said !== null)
})

test('who comes while others go is sent away as well', async () => {
  const { peers, all, farewell } = staged(1)
  const over = farewell.run(3 * DRAIN_WAVE_MS)
  const late = new StagedPeer(peers)
  await over
  assert.deepEqual(
    [...all, late].map(({ said }) => said?.code),
    [ReasonCode.serverShuttingDown, ReasonCode.serverShuttingDown],
  )
})

test('whoever is in a hurry does not wait for the waves', async () => {
  const { all, farewell } = staged(100)
  const over = farewell.run(3_600_000)
  farewell.hurry()
  await over
  assert.ok(all.every(({ said }) => said !== null))
})
