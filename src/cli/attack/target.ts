/**
 * The program of the process that is attacked: a broker as anybody would embed it, and beside it nothing but
 * a clock that watches its event loop. What it logs goes to stderr, as ever.
 */
import { readdirSync, readFileSync, writeSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { type Broker, createBroker } from '../../index.ts'
import { messageOf } from '../../base/errors.ts'
import { type FromTarget, type Health, MARK, type Possessions, type ToTarget } from './target-messages.ts'

/** Finer than any lag that matters, and too rare to cause one. */
const LOOK_MS = 5
/** What is stopped may take a moment to be gone. */
const SETTLE_MS = 5000
const STDERR = 2
/** More than the threads of Node's pool: each has worked once before they are counted. */
const POOL = 16

let broker: Broker | undefined
let before: Possessions
let lagMs = 0
let blockedMs = 0
let lookedAt = performance.now()
let cpuMs = cpuTimeMs()

setInterval(() => {
  const now = performance.now()
  const cpuNowMs = cpuTimeMs()
  lagMs = Math.max(lagMs, now - lookedAt - LOOK_MS)
  blockedMs = Math.max(blockedMs, Math.min(now - lookedAt, cpuNowMs - cpuMs))
  lookedAt = now
  cpuMs = cpuNowMs
}, LOOK_MS)

function cpuTimeMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

process.on('message', (message: ToTarget) => {
  if (message.do === 'start') void start(message.config)
  else if (message.do === 'mark') void writeMark(message.mark)
  else if (message.do === 'weigh') weigh()
  else if (message.do === 'audit') void audit(message.tenant)
  else void stop()
})
// whoever attacks is gone: so is the target
process.on('disconnect', () => process.exit())

async function start(config: Readonly<Record<string, unknown>>): Promise<void> {
  await Promise.all(Array.from({ length: POOL }, () => stat('.')))
  before = possessions()
  try {
    broker = await createBroker(config, { log: 'json', env: {} })
    await broker.start()
    say({ is: 'started', url: broker.listeners[0]?.url ?? '' })
  } catch (error) {
    say({ is: 'failed', why: messageOf(error) })
  }
}

async function writeMark(mark: number): Promise<void> {
  await broker?.logWritten()
  writeSync(STDERR, `${JSON.stringify({ [MARK]: mark })}\n`)
  say({ is: 'marked' })
}

function weigh(): void {
  const measured = { lagMs, blockedMs }
  // what is garbage already is no growth; collecting it is no doing of the broker's
  globalThis.gc?.()
  const health: Health = { ...measured, residentBytes: process.memoryUsage.rss() }
  lagMs = 0
  blockedMs = 0
  lookedAt = performance.now()
  cpuMs = cpuTimeMs()
  say({ is: 'weighed', health })
}

async function audit(tenant: string): Promise<void> {
  say({ is: 'audited', records: (await broker?.audit({ tenant })) ?? [] })
}

async function stop(): Promise<void> {
  await broker?.stop()
  const until = performance.now() + SETTLE_MS
  while (isMore(possessions(), before) && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  say({ is: 'stopped', before, after: possessions() })
}

function isMore(now: Possessions, then: Possessions): boolean {
  return now.descriptors > then.descriptors || now.threads > then.threads || now.children > then.children
}

function possessions(): Possessions {
  if (process.platform !== 'linux') return { descriptors: 0, threads: 0, children: 0 }
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
    children: children.split(' ').filter(Boolean).length,
  }
}

function say(message: FromTarget): void {
  process.send?.(message)
}
