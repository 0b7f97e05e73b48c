import { sealBundle } from '../../sandbox/bundle/bundle-file.ts'
import { AuditTrail } from '../../sandbox/host/audit-trail.ts'
import { CellPool } from '../../sandbox/host/cells/cell-pool.ts'
import { Watch } from '../../sandbox/host/cells/watch.ts'
import { raiseJail } from '../../sandbox/host/jail.ts'
import { TenantCell } from '../../sandbox/host/tenant-cell.ts'
import { DEFAULT_LIMITS, type PreparedPlugin, type SandboxLimits } from '../../sandbox/index.ts'
import { IDLE_STOP_MS, POWER_TURN_MS, POWERS_WAITING, RENEWAL_MS } from '../../sandbox/limits.ts'
import { checkManifest } from '../../sandbox/manifest/check-manifest.ts'
import { FRAME, FRAME_OUTCOMES } from '../../sandbox/wire/messages.ts'
import { FairTurns } from '../../src/base/fair-turns.ts'
import { WORK_TURNS } from '../../src/base/limits.ts'
import { TickEnd } from '../../src/base/tick-end.ts'
import { WorkTurns } from '../../src/base/work-turns.ts'
import { StagedTenant } from './plugin-stage.ts'
import { recordingObserver, type Told } from './recording-observer.ts'

/**
 * The beginning of a program that plays a cell whose plugin has broken out: it speaks the frame format, and
 * says whatever it likes. It answers hello and load like a cell; each question is handed to `lie`.
 */
const PLAYER = `
const { closeSync, readSync, writeSync } = require('node:fs')
const FRAME = ${JSON.stringify(FRAME)}
const OUTCOMES = ${JSON.stringify(FRAME_OUTCOMES)}
const write = (list) => {
  const bytes = Buffer.from(list)
  for (let at = 0; at < bytes.length; ) at += writeSync(3, bytes, at)
}
/** The bytes of a frame that answers another one. */
const frame = (asked, type, body, odd = {}) => {
  const text = Buffer.isBuffer(body) ? body : Buffer.from(body)
  const header = { ...asked, type, outcome: 0, length: text.length, ...odd }
  const bytes = Buffer.alloc(24 + text.length)
  bytes.writeUInt32LE(header.length, 0)
  bytes.writeUInt8(header.type, 4)
  bytes.writeUInt8(header.outcome, 5)
  bytes.writeUInt16LE(header.count, 6)
  const words = [header.epoch, header.instance, header.generation, header.id]
  for (const [index, word] of words.entries()) bytes.writeUInt32LE(word, 8 + index * 4)
  text.copy(bytes, 24)
  return bytes
}
const answer = (asked, body, odd) => write(frame(asked, FRAME.answers, body, odd))
const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
const allows = (asked) => '[' + Array(asked.count).fill(1).join() + ']'
let loaded = '{}'
let lie = (asked) => answer(asked, allows(asked))
/** That its isolate is full. */
const full = (asked) => answer(asked, '', { outcome: OUTCOMES.indexOf('full') })
let resume = (asked) => write(frame(asked, FRAME.resumed, '[]'))
/** Every answer is this text; or this, made JSON. */
const says = (text) => { lie = (asked) => answer(asked, text) }
const saysJson = (value) => says(JSON.stringify(value))
const times = (count, each) => Array.from({ length: count }, (_, at) => each(at))
`
const LOOP = `
let held = Buffer.alloc(0)
const chunk = Buffer.alloc(65536)
for (let size = readSync(3, chunk); size > 0; size = readSync(3, chunk)) {
  held = Buffer.concat([held, chunk.subarray(0, size)])
  while (held.length >= 24 && held.length >= 24 + held.readUInt32LE(0)) {
    const asked = {
      type: held[4], count: held.readUInt16LE(6), epoch: held.readUInt32LE(8),
      instance: held.readUInt32LE(12),
      generation: held.readUInt32LE(16), id: held.readUInt32LE(20),
    }
    held = held.subarray(24 + held.readUInt32LE(0))
    if (asked.type === FRAME.hello) write(frame(asked, FRAME.ready, ''))
    else if (asked.type === FRAME.load) write(frame(asked, FRAME.loaded, loaded))
    else if (asked.type === FRAME.ask) lie(asked)
    else if (asked.type === FRAME.resume) resume(asked)
    else if (asked.type === FRAME.unload) write(frame(asked, FRAME.unloaded, '[]'))
  }
}
`

/** A tenant whose cell is such a program. */
export interface HostileTenant {
  readonly tenant: StagedTenant
  readonly told: readonly Told[]
}

/**
 * Opens a tenant in whose cell runs a program of ours, behind the real jail, in place of the cell's own.
 *
 * @param lie what it does: it may set `loaded`, `lie` and `resume`, and use `answer`, `full`, `frame`,
 * `write`, `sleep`.
 */
export async function openHostile(lie: string, limits: Partial<SandboxLimits> = {}): Promise<HostileTenant> {
  const { observer, told } = recordingObserver()
  let epoch = 0
  const watch = new Watch()
  const pool = new CellPool({
    jail: await raiseJail('auto'),
    program: `${PLAYER}\n${lie}\n${LOOP}`,
    spareCells: 0,
    maxCells: 4,
    watch,
    turns: new WorkTurns(WORK_TURNS),
    nextEpoch: () => {
      epoch += 1
      return epoch
    },
  })
  const host = {
    observer,
    ports: {},
    turns: new FairTurns(POWER_TURN_MS, POWERS_WAITING),
    audit: new AuditTrail(observer),
    pool,
    startWaitMs: 5000,
    startQueueMs: 5000,
    idleStopMs: IDLE_STOP_MS,
    renewalMs: RENEWAL_MS,
    watch,
    tickEnd: new TickEnd(),
  }
  const spec = {
    tenant: 'hostile',
    plugins: [PLUGIN],
    limits: { ...DEFAULT_LIMITS, ...limits },
    jit: false,
  }
  const cell = new TenantCell(host, spec)
  cell.wake()
  return { tenant: new StagedTenant(cell), told }
}

const manifest = checkManifest({ values: {}, functions: ['authorizePublish'] }, { folder: 'hostile' })
const PLUGIN: PreparedPlugin = {
  name: 'hostile',
  bundle: sealBundle('', '', manifest),
  config: {},
  capabilities: { log: true },
  secrets: {},
}
