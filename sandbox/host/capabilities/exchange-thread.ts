import { parentPort } from 'node:worker_threads'
import { type Exchange, exchange, loadUndici } from './exchange.ts'
import type { FromThread, ToThread } from './exchange-threads.ts'
import { failure } from './fetch-failure.ts'
import { Refusal } from './power.ts'

const underWay: Map<number, AbortController> = new Map()

function tell(message: FromThread): void {
  parentPort?.postMessage(message)
}

async function run(id: number, asked: Exchange): Promise<void> {
  const ending = new AbortController()
  underWay.set(id, ending)
  try {
    tell({ id, answer: await exchange(asked, ending.signal) })
  } catch (error) {
    const known = failure(error)
    // an error crosses without its code; a bug of ours is told as what it is
    if (known instanceof Refusal) tell({ id, refused: { code: known.code, message: known.message } })
    else tell({ id, broke: error })
  } finally {
    underWay.delete(id)
  }
}

parentPort?.on('message', (message: ToThread) => {
  if ('asked' in message) void run(message.id, message.asked)
  else underWay.get(message.id)?.abort(new Refusal('unavailable', 'nobody waits for the answer any more'))
})

await loadUndici()
tell({ id: 0 })
