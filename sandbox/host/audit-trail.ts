import { AUDIT_WINDOW_MS, AUDIT_WINDOWS } from '../limits.ts'
import type { AuditRecord, HostObserver } from './host-ports.ts'

/** What happened; when, and how often, is the trail's to say. */
export type AuditEntry = Omit<AuditRecord, 'at' | 'count'>

/**
 * Writes the audit so that no plugin can flood it: of entries that are alike the first is a line at once, and
 * the others within the window are one line more, which counts them. What the lines stand for adds up.
 */
export class AuditTrail {
  readonly #observer: Pick<HostObserver, 'audit'>
  /** By what makes entries alike; all windows are of one length, so that the first to open closes first. */
  readonly #windows: Map<string, Window> = new Map()
  #timer: NodeJS.Timeout | undefined

  constructor(observer: Pick<HostObserver, 'audit'>) {
    this.#observer = observer
  }

  add(entry: AuditEntry): void {
    const { tenant, plugin, event, where, outcome } = entry
    const key = JSON.stringify([tenant, plugin, event, where, outcome])
    const now = performance.now()
    // its timer may be late
    this.#close((window) => now >= window.closesAt)
    const open = this.#windows.get(key)
    if (open !== undefined) {
      open.entry = entry
      open.others += 1
      return
    }
    this.#write(entry, 1)
    if (this.#windows.size >= AUDIT_WINDOWS) this.#closeOldest()
    this.#windows.set(key, { entry, others: 0, closesAt: now + AUDIT_WINDOW_MS })
    this.#timer ??= setTimeout(this.#tick, AUDIT_WINDOW_MS).unref()
  }

  /** Writes what was only counted so far. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#close(() => true)
  }

  readonly #tick = (): void => {
    this.#timer = undefined
    const now = performance.now()
    this.#close((window) => now >= window.closesAt)
    for (const { closesAt } of this.#windows.values()) {
      this.#timer = setTimeout(this.#tick, closesAt - now).unref()
      return
    }
  }

  #close(isOver: (window: Window) => boolean): void {
    for (const [key, window] of this.#windows) {
      if (!isOver(window)) return
      this.#windows.delete(key)
      if (window.others > 0) this.#write(window.entry, window.others)
    }
  }

  #closeOldest(): void {
    let isFirst = true
    this.#close(() => {
      const isOldest = isFirst
      isFirst = false
      return isOldest
    })
  }

  #write(entry: AuditEntry, count: number): void {
    this.#observer.audit({ ...entry, at: Date.now(), count })
  }
}

interface Window {
  /** The latest of those that are alike. */
  entry: AuditEntry
  /** How many there were after the first. */
  others: number
  /** In ms of `performance.now`. */
  readonly closesAt: number
}
