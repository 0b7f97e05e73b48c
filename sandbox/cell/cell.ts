import { emptyHeader, type FrameHeader, HEADER_BYTES, writeHeader } from '../wire/frames.ts'
import {
  ANSWERED_BY,
  ENTER,
  FRAME,
  FRAME_OUTCOMES,
  type FrameOutcome,
  type IsolateLimits,
  type LoadSettings,
  PENDING,
} from '../wire/messages.ts'

/**
 * What came of one crossing. `text` is the guest's answer if `outcome` is `done`, a bounded detail otherwise.
 */
export interface Crossing {
  readonly outcome: FrameOutcome
  readonly text: string
}

/** What runs one plugin. */
export interface OneIsolate {
  /** Whatever the plugin does in there comes back as a crossing; it does not throw. */
  enter(operation: number, text: string, limitMs: number): Crossing
  /** Whether more than this part of its heap is in use, garbage aside. It does not throw. */
  isFull(share: number): boolean
  dispose(): void
}

interface LoadedPlugin {
  readonly isolate: OneIsolate
  readonly generation: number
  readonly limits: IsolateLimits
  /** Nothing new begins in it. */
  isFull: boolean
  /** When its heap is next looked at, in ms of `performance.now`. */
  lookAt: number
}

/**
 * Answers the broker's frames, one by one, each with one frame. Texts pass through unparsed. An isolate that
 * ran into a limit is condemned: it is dropped, and its later frames come back as not begun until it is
 * loaded anew. One whose heap stays nearly full begins nothing new: it says so in place of an answer, and
 * goes on with what waits.
 */
export class Cell {
  readonly #send: (bytes: Uint8Array) => void
  readonly #createIsolate: (heapMiB: number) => OneIsolate
  readonly #plugins = new Map<number, LoadedPlugin>()
  readonly #decoder = new TextDecoder()
  readonly #encoder = new TextEncoder()
  readonly #answer: FrameHeader = emptyHeader()
  #out = new Uint8Array(65_536)

  /** @param send writes all bytes before it returns; they are reused for the next answer. */
  constructor(send: (bytes: Uint8Array) => void, createIsolate: (heapMiB: number) => OneIsolate) {
    this.#send = send
    this.#createIsolate = createIsolate
  }

  handle(header: Readonly<FrameHeader>, body: Uint8Array): void {
    const crossing = this.#cross(header, body)
    const answer = this.#answer
    answer.type = ANSWERED_BY[header.type] ?? 0
    answer.outcome = FRAME_OUTCOMES.indexOf(crossing.outcome)
    answer.count = header.count
    answer.epoch = header.epoch
    answer.instance = header.instance
    answer.generation = header.generation
    answer.id = header.id
    // UTF-8 needs three bytes at most for a UTF-16 unit
    const needed = HEADER_BYTES + crossing.text.length * 3
    if (needed > this.#out.length) this.#out = new Uint8Array(needed)
    const { written } = this.#encoder.encodeInto(crossing.text, this.#out.subarray(HEADER_BYTES))
    answer.bodyBytes = written
    writeHeader(new DataView(this.#out.buffer), 0, answer)
    this.#send(this.#out.subarray(0, HEADER_BYTES + written))
    // afterwards: nobody waits for what collecting garbage takes, unless more is asked already
    this.#look(header.instance)
  }

  #cross(header: Readonly<FrameHeader>, body: Uint8Array): Crossing {
    switch (header.type) {
      case FRAME.hello:
        return DONE
      case FRAME.load:
        return this.#load(header, this.#decoder.decode(body))
      case FRAME.probe:
        return this.#probe(this.#decoder.decode(body))
      case FRAME.ask:
        return this.#enter(header, ENTER.ask, this.#decoder.decode(body))
      case FRAME.resume:
        return this.#enter(header, ENTER.resume, this.#decoder.decode(body))
      case FRAME.unload:
        return this.#unload(header)
      default:
        throw new Error(`a frame of type ${header.type} from the broker`)
    }
  }

  #load(header: Readonly<FrameHeader>, text: string): Crossing {
    this.#drop(header.instance)
    const { limits, unmeasuredMs } = settingsOf(text)
    const isolate = this.#createIsolate(limits.heapMiB)
    const crossing = cross(isolate, ENTER.load, text, limits.activateMs)
    const { generation } = header
    const lookAt = performance.now() + unmeasuredMs
    this.#plugins.set(header.instance, { isolate, generation, limits, isFull: false, lookAt })
    if (crossing.outcome !== 'done') this.#drop(header.instance)
    return crossing
  }

  #probe(text: string): Crossing {
    const { limits } = settingsOf(text)
    const isolate = this.#createIsolate(limits.heapMiB)
    const crossing = cross(isolate, ENTER.probe, text, limits.activateMs)
    // what is nearly full before it was asked anything would be made anew for ever
    const isFull = crossing.outcome === 'done' && isolate.isFull(limits.heapFullShare)
    isolate.dispose()
    return isFull ? FULL : crossing
  }

  #enter(header: Readonly<FrameHeader>, operation: number, text: string): Crossing {
    const plugin = this.#plugins.get(header.instance)
    if (plugin === undefined || plugin.generation !== header.generation) return NOT_BEGUN
    if (plugin.isFull && operation === ENTER.ask) return FULL
    const crossing = cross(plugin.isolate, operation, text, plugin.limits.softMs)
    // the answers are lost, and with them what the plugin believes to have asked of the host
    if (crossing.outcome !== 'done') this.#drop(header.instance)
    return crossing
  }

  #unload(header: Readonly<FrameHeader>): Crossing {
    const plugin = this.#plugins.get(header.instance)
    if (plugin === undefined) return NOT_BEGUN
    const crossing = cross(plugin.isolate, ENTER.close, '', plugin.limits.closeMs)
    this.#drop(header.instance)
    return crossing
  }

  #look(instance: number): void {
    const plugin = this.#plugins.get(instance)
    const now = performance.now()
    if (plugin === undefined || plugin.isFull || now < plugin.lookAt) return
    plugin.isFull = plugin.isolate.isFull(plugin.limits.heapFullShare)
    plugin.lookAt = now + plugin.limits.heapLookMs
  }

  #drop(instance: number): void {
    this.#plugins.get(instance)?.isolate.dispose()
    this.#plugins.delete(instance)
  }
}

/** A crossing, and a second one when it left promises: their reactions ran at the end of the first. */
function cross(isolate: OneIsolate, operation: number, text: string, limitMs: number): Crossing {
  const crossing = isolate.enter(operation, text, limitMs)
  if (crossing.outcome !== 'done' || crossing.text !== PENDING) return crossing
  return isolate.enter(ENTER.collect, '', limitMs)
}

/** The broker's own text, trusted: the first line of a `load` or `probe` body. */
function settingsOf(text: string): LoadSettings {
  return JSON.parse(text.slice(0, text.indexOf('\n'))) as LoadSettings
}

const DONE: Crossing = { outcome: 'done', text: '' }
const NOT_BEGUN: Crossing = { outcome: 'not-begun', text: '' }
const FULL: Crossing = { outcome: 'full', text: '' }
