import type { Wire } from '../../../src/transport/wire.ts'

/** A wire whose kernel the test plays. */
export class StagedWire implements Wire {
  readonly tls = null
  readonly upgrade = null
  readonly remoteAddress = '192.0.2.1'
  /** What the kernel has not taken. */
  backlog = 0
  readonly written: Buffer[] = []
  isPaused = false
  isEnded = false
  isDestroyed = false

  write(bytes: Buffer): boolean {
    this.written.push(Buffer.from(bytes))
    return true
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  end(): void {
    this.isEnded = true
  }

  destroy(): void {
    this.isDestroyed = true
  }
}
