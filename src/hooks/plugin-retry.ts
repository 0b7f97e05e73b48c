import { PLUGIN_RETRY_MS } from '../base/limits.ts'

/** Tries again what failed, ever less often, until it succeeds or is stopped. */
export class PluginRetry {
  readonly #attempt: () => Promise<boolean>
  #delayMs: number = PLUGIN_RETRY_MS.first
  #timer: NodeJS.Timeout | null = null
  #stopped = false

  /** @param attempt true: it succeeded, and is not needed again. It must not reject. */
  constructor(attempt: () => Promise<boolean>) {
    this.#attempt = attempt
    this.#arm()
  }

  stop(): void {
    this.#stopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #arm(): void {
    // never the reason for a process to stay alive
    this.#timer = setTimeout(() => void this.#try(), this.#delayMs).unref()
    this.#delayMs = Math.min(this.#delayMs * 2, PLUGIN_RETRY_MS.last)
  }

  async #try(): Promise<void> {
    const succeeded = await this.#attempt()
    if (!succeeded && !this.#stopped) this.#arm()
  }
}
