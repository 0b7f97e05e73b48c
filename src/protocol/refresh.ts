import { SESSION_COST } from '../base/limits.ts'
import type { Steps } from '../base/work-turns.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import { Authentication, type AuthenticateText, type Given } from '../hooks/authentication.ts'
import { mergeVerdicts } from '../hooks/merge-verdicts.ts'
import type { Voter } from '../hooks/tenant-hooks.ts'
import type { Allow, Verdict } from '../hooks/verdict.ts'
import type { Client } from '../session/client.ts'
import type { Realm } from './ports.ts'
import type { RenewalSink } from './reauthentication.ts'

/** Who hears of a refresh: in doubt, whether to wait for a better answer. */
export interface RefreshSink extends RenewalSink {
  /** Nobody refused, but somebody did not answer. @returns whether it is to be tried again later. */
  failed(): boolean
}

/**
 * The plugins that wanted it are asked again about a client that is online, without any packet of its own:
 * what it proved itself with at CONNECT is not kept. The others' answers stand.
 */
export class Refresh extends Authentication {
  readonly #realm: Realm
  readonly #sink: RefreshSink
  readonly #standing: readonly Given[]

  /** @param standing the allows that are not asked about, with what is left of them. */
  constructor(realm: Realm, event: AuthenticateText, standing: readonly Given[], sink: RefreshSink) {
    super(event)
    this.#realm = realm
    this.#standing = standing
    this.#sink = sink
  }

  start(voters: readonly Voter[], client: Client): void {
    if (voters.length === 0) return this.decided(NOBODY_LEFT)
    this.ask({ cause: 'refresh', voters, client }, this.#realm.hooks, { step: 0, data: undefined })
  }

  protected override concluded(merged: Verdict): void {
    const standing = this.#standing.map(({ allow }): Verdict => allow)
    super.concluded(standing.reduce(mergeVerdicts, merged))
  }

  /** The broker cannot ask a client to authenticate [MQTT 5.0, 4.12]. */
  protected override continued(): void {
    this.decided(NO_STEPS)
  }

  /** As many clients are due at once as have come at once. */
  protected override decided(verdict: Verdict): void {
    const { turns, name } = this.#realm
    turns.run(name, this.#finish(verdict))
  }

  *#finish(verdict: Verdict): Steps {
    if (verdict.verdict === 'allow') this.#sink.renewed(verdict, [...this.#standing, ...this.given])
    else if (!this.failed || !this.#sink.failed()) this.#sink.refused(verdict, this.voices)
    yield SESSION_COST
  }
}

/** An allow, as much of it as is left by now. */
export function remaining({ plugin, allow, at, askedAt = at }: Given, now: number): Given {
  const passedMs = now - at
  const left = (ms: number | undefined): number | undefined => ms && Math.max(ms - passedMs, 0)
  const { expiresInMs, refreshInMs, ...rest } = allow
  const renewed: Allow = {
    ...rest,
    ...(expiresInMs !== undefined && { expiresInMs: left(expiresInMs) as number }),
    ...(refreshInMs !== undefined && { refreshInMs: left(refreshInMs) as number }),
  }
  return { plugin, allow: renewed, at: now, askedAt, stands: true }
}

const NO_STEPS: Verdict = Object.freeze({
  verdict: 'deny',
  code: ReasonCode.notAuthorized,
  note: 'a plugin wants to go on with a refresh, in which the client has no part',
})

const NOBODY_LEFT: Verdict = Object.freeze({
  verdict: 'deny',
  code: ReasonCode.notAuthorized,
  note: 'the plugins that wanted to refresh it are gone',
})
