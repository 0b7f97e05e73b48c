import { stat } from 'node:fs/promises'

/**
 * Looks at some files now and then, and says when they have changed: not while they still change, so that
 * nobody reads half of them. It asks for names and not for events, since files are replaced by renaming, and
 * links turned around.
 */
export class FileWatch {
  readonly #files: readonly string[]
  readonly #changed: () => void
  readonly #timer: NodeJS.Timeout
  /** As they were when they were read, and as they were at the last look. */
  #known: string | null = null
  #seen: string | null = null
  #isLooking = false

  constructor(files: readonly string[], everyMs: number, changed: () => void) {
    this.#files = files
    this.#changed = changed
    this.#timer = setInterval(() => void this.#look(), everyMs).unref()
    void this.#look()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    const now = (await Promise.all(this.#files.map(lookOf))).join()
    this.#isLooking = false
    this.#known ??= now
    const isSettled = now === this.#seen
    this.#seen = now
    if (!isSettled || now === this.#known) return
    this.#known = now
    this.#changed()
  }
}

async function lookOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(file)
    return `${ino} ${size} ${mtimeMs}`
  } catch {
    // that it is not there is how it looks
    return 'none'
  }
}
