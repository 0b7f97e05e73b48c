import type { SessionLog, SessionOpener, SessionStore } from '../engine.ts'

/** A log, as who keeps the order of owners uses it. */
export interface OwnedLog<M> extends SessionLog<M> {
  /** Who writes from here on. */
  owner(epoch: number): void
  /** In ms since the epoch; Infinity: for ever, and while its client is there. */
  keepUntil(expiresAt: number): void
}

interface Owned<M, S> {
  epoch: number
  session: S | null
  expiresAt: number
  readonly log: OwnedLog<M> | null
}

/** Who owns which session, by epochs; the session is the very object that its owner saved. */
export class MemorySessions<M, S> implements SessionStore<M, S> {
  readonly #byTenant = new Map<string, Map<string, Owned<M, S>>>()
  readonly #newLog: (tenant: string, clientId: string) => OwnedLog<M> | null
  /** One counter for all: an epoch is never given twice, even after its session was removed. */
  #epoch = 0

  /** @param newLog where a new session is written down; null: nowhere. */
  constructor(newLog: (tenant: string, clientId: string) => OwnedLog<M> | null) {
    this.#newLog = newLog
  }

  open(tenant: string, clientId: string, fresh: boolean, opener: SessionOpener<M, S>): void {
    const sessions = this.#of(tenant)
    const known = sessions.get(clientId)
    const usable = known !== undefined && !fresh && known.expiresAt > Date.now()
    this.#epoch += 1
    const epoch = this.#epoch
    const session = usable ? known.session : null
    if (!usable) known?.log?.clear()
    const log = usable ? known.log : this.#newLog(tenant, clientId)
    log?.owner(epoch)
    sessions.set(clientId, { epoch, session, expiresAt: Number.POSITIVE_INFINITY, log })
    opener.opened(epoch, session, log)
  }

  save(tenant: string, clientId: string, epoch: number, session: S, expiresAt: number): boolean {
    const owned = this.#byTenant.get(tenant)?.get(clientId)
    if (owned === undefined || owned.epoch !== epoch) return false
    owned.session = session
    owned.expiresAt = expiresAt
    owned.log?.keepUntil(expiresAt)
    return true
  }

  remove(tenant: string, clientId: string, epoch: number): boolean {
    const sessions = this.#byTenant.get(tenant)
    const owned = sessions?.get(clientId)
    if (sessions === undefined || owned?.epoch !== epoch) return false
    owned.log?.clear()
    return sessions.delete(clientId)
  }

  count(tenant: string): number {
    return this.#byTenant.get(tenant)?.size ?? 0
  }

  /** Drops all sessions of a tenant. */
  dropTenant(tenant: string): void {
    for (const { log } of this.#byTenant.get(tenant)?.values() ?? []) log?.clear()
    this.#byTenant.delete(tenant)
  }

  /** One that an earlier process has left. */
  restore(
    tenant: string,
    clientId: string,
    epoch: number,
    session: S,
    expiresAt: number,
    log: OwnedLog<M>,
  ): void {
    this.#epoch = Math.max(this.#epoch, epoch)
    this.#of(tenant).set(clientId, { epoch, session, expiresAt, log })
  }

  #of(tenant: string): Map<string, Owned<M, S>> {
    let sessions = this.#byTenant.get(tenant)
    if (sessions === undefined) this.#byTenant.set(tenant, (sessions = new Map<string, Owned<M, S>>()))
    return sessions
  }
}
