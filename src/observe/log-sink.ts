import { Buffer } from 'node:buffer'
import { constants, fstatSync, openSync, write, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import {
  LOG_END_MS,
  LOG_FULL_RETRY_MS,
  LOG_PENDING_BYTES,
  LOG_RETRY_MS,
  LOG_WRITE_BYTES,
} from '../base/limits.ts'

/** How a sink reaches its file: as `node:fs` does. */
export interface SinkFile {
  write(bytes: Uint8Array, done: (error: NodeJS.ErrnoException | null, written: number) => void): void
  /** @returns how many bytes were taken. */
  writeSync(bytes: Uint8Array): number
  /** Holds this thread, so that others come to their end. */
  pause(ms: number): void
}

/** An open file as a sink takes it. */
export function sinkFile(descriptor: number): SinkFile {
  const own = unblocked(descriptor)
  return {
    write: (bytes, done) => write(own, bytes, done),
    writeSync: (bytes) => writeSync(own, bytes),
    pause: (ms) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
  }
}

/**
 * A pipe or a socket whose reader has stalled would hold a thread, and the process at its end, for as long as
 * that lasts. A pipe is opened anew, so that whoever else writes to it is not concerned. A socket cannot be:
 * Node makes it non-blocking as it is, and blocking again when the process ends.
 */
function unblocked(descriptor: number): number {
  try {
    const kind = fstatSync(descriptor)
    if (kind.isFIFO())
      return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK)
    // it stays open unused: what is written goes by its descriptor
    if (kind.isSocket()) new Socket({ fd: descriptor, readable: false, writable: true }).unref()
  } catch {
    // no Linux, or another user's pipe
  }
  return descriptor
}

/**
 * Where lines go to be written outside the turn that made them: a disk or a reader that is slow holds a
 * thread, and never the event loop. One write is under way, and a bounded number of bytes waits for it.
 */
export class LogSink {
  readonly #file: SinkFile
  readonly #hadNoRoom: (error: string, forMs: number) => void
  readonly #pending: string[] = []
  #pendingBytes = 0
  /** What is being written; at most one chunk. */
  #underWay: Uint8Array | undefined
  /** Armed while the file takes nothing, and no thread has what is under way. */
  #retry: NodeJS.Timeout | undefined
  #dropped = 0
  #isEnding = false
  /** Since when there is no room in the file system, and how that was said. */
  #full: { readonly since: number; readonly error: string } | undefined
  #written: PromiseWithResolvers<void> | undefined

  /** @param hadNoRoom called when a full disk has room again: what waited is kept, up to the bound. */
  constructor(file: SinkFile, hadNoRoom: (error: string, forMs: number) => void = () => undefined) {
    this.#file = file
    this.#hadNoRoom = hadNoRoom
  }

  /** Takes a whole line, its end included; one that does not fit is dropped and counted. */
  write(line: string): void {
    const bytes = Buffer.byteLength(line)
    if (this.#pendingBytes + bytes > LOG_PENDING_BYTES) {
      this.#dropped += 1
      return
    }
    this.#pending.push(line)
    this.#pendingBytes += bytes
    // a thread would not come to it any more
    if (this.#underWay === undefined && !this.#isEnding) this.#next()
  }

  /** How many lines were lost since this was asked last: there was no room, or no writing. */
  takeDropped(): number {
    const dropped = this.#dropped
    this.#dropped = 0
    return dropped
  }

  /** Resolves once nothing waits, and nothing is being written. */
  async written(): Promise<void> {
    if (this.#underWay === undefined) return
    this.#written ??= Promise.withResolvers<void>()
    await this.#written.promise
  }

  /**
   * Writes within the call what waits, and what is said now: the process is about to end. What a thread has
   * already is left to it, and it is given a moment, for it may end with the process.
   *
   * @param say takes the chance for last lines.
   */
  endWith(say: () => void): void {
    this.#isEnding = true
    clearTimeout(this.#retry)
    if (this.#underWay !== undefined && this.#retry === undefined) this.#file.pause(LOG_END_MS)
    say()
    if (this.#retry !== undefined && this.#underWay !== undefined) this.#writeNow(this.#underWay)
    while (this.#pending.length > 0) this.#writeNow(this.#chunk())
  }

  #writeNow(chunk: Uint8Array): void {
    let rest = chunk
    for (let pauses = 0; rest.length > 0; ) {
      try {
        rest = rest.subarray(this.#file.writeSync(rest))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || ++pauses > 1) {
          // there is nobody left who could be told, nor time to try again
          this.#dropped += linesIn(rest)
          return
        }
        this.#file.pause(LOG_RETRY_MS)
      }
    }
  }

  #next(): void {
    if (this.#pending.length > 0) return this.#send(this.#chunk())
    this.#written?.resolve()
    this.#written = undefined
  }

  /** Takes as many lines as one write may have; at least one. */
  #chunk(): Uint8Array {
    let [lines, bytes] = [0, 0]
    for (const line of this.#pending) {
      const length = Buffer.byteLength(line)
      if (lines > 0 && bytes + length > LOG_WRITE_BYTES) break
      lines += 1
      bytes += length
    }
    this.#pendingBytes -= bytes
    return Buffer.from(this.#pending.splice(0, lines).join(''))
  }

  #send(chunk: Uint8Array): void {
    this.#underWay = chunk
    this.#file.write(chunk, (error, written) => {
      const code = error?.code ?? ''
      if (code === 'EAGAIN') return this.#sendLater(chunk, LOG_RETRY_MS)
      if (NO_ROOM.has(code)) {
        this.#full ??= { since: performance.now(), error: code }
        return this.#sendLater(chunk, LOG_FULL_RETRY_MS)
      }
      if (error === null && written < chunk.length) return this.#send(chunk.subarray(written))
      this.#underWay = undefined
      // a reader that is gone: the broker serves on, and says later what is missing
      if (error !== null) this.#dropped += linesIn(chunk)
      else this.#tellRoom()
      this.#next()
    })
  }

  #sendLater(chunk: Uint8Array, delayMs: number): void {
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      this.#send(chunk)
    }, delayMs)
    // a process that has nothing else to do ends, and says the rest then
    this.#retry.unref()
  }

  #tellRoom(): void {
    const full = this.#full
    if (full === undefined) return
    this.#full = undefined
    this.#hadNoRoom(full.error, performance.now() - full.since)
  }
}

const NO_ROOM: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])

function linesIn(chunk: Uint8Array): number {
  return chunk.reduce((lines, byte) => lines + (byte === NEWLINE ? 1 : 0), 0)
}

const NEWLINE = 10
