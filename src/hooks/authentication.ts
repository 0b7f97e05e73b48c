import type { CheckedVerdict, Origin, Outcome } from '../../sandbox/index.ts'
import type { ConnectPacket, Will } from '../codec/packets.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import type { Client } from '../session/client.ts'
import { NOBODY_ALLOWED } from './failure-policy.ts'
import { ANOTHER_STEP, CONTRADICTION } from './merge-verdicts.ts'
import { type AskedPlugin, Question } from './question.ts'
import type { TenantHooks, Voter } from './tenant-hooks.ts'
import { seenUpgrade, type UpgradeRequest } from './upgrade-text.ts'
import type { Allow, Verdict } from './verdict.ts'

/** What the broker knows of a newcomer beside its CONNECT. */
export interface Newcomer {
  readonly tenant: string
  readonly listener: string
  readonly remoteAddress: string
  readonly clientId: string
  readonly username: string | undefined
}

/** What TLS says of a newcomer: its certificate is verified, or there is none and its parts are empty. */
export interface SecuredBy {
  readonly subject: string
  readonly subjectAltNames: readonly string[]
  readonly fingerprint256: string
  readonly serverName: string
}

/** The way that a newcomer has come. */
export interface CameBy {
  /** Null: without TLS. */
  readonly tls: SecuredBy | null
  /** The request that its WebSocket began with; null: it came without one. */
  readonly upgrade: UpgradeRequest | null
}

/** Why `authenticate` is asked. */
export type AuthenticationCause = 'connect' | 'reauthenticate' | 'refresh'

/** What one time of asking has of its own. */
export interface AuthenticationStep {
  /** AUTH packets of the client's before it. */
  readonly step: number
  readonly data: Buffer | undefined
}

/** What a plugin may see of a newcomer; of a will's payload so many bytes, with less than 0 none. */
export interface Sight {
  readonly password: boolean
  readonly maxPayloadBytes: number
}

/** A will as plugins see it; without a payload where there is none to be seen any more. */
type SeenWill = Omit<Will, 'payload'> & { readonly payload?: Buffer }

interface Told {
  readonly clientId: string
  readonly method: string | undefined
  readonly origin: Origin
  readonly facts: object
  readonly will: SeenWill | undefined
  readonly password: Buffer | undefined
  readonly tls: SecuredBy | null
  readonly upgrade: UpgradeRequest | null
}

/**
 * What plugins are told of a newcomer. While its CONNECT is decided that includes its secrets; what is kept
 * of it for later has none.
 */
export class AuthenticateText {
  readonly #told: Told

  constructor(told: Told) {
    this.#told = told
  }

  /** The authentication method of CONNECT, if it named one. */
  get method(): string | undefined {
    return this.#told.method
  }

  /** As the client or the broker named it, before any plugin does. */
  get clientId(): string {
    return this.#told.clientId
  }

  /** Whose strikes it is: nobody is who he says he is, so that the address answers for it. */
  get origin(): Origin {
    return this.#told.origin
  }

  /** The same without the password, the will's payload, and what of an upgrade is like a password. */
  withoutSecrets(): AuthenticateText {
    const { will, upgrade } = this.#told
    return new AuthenticateText({
      ...this.#told,
      password: undefined,
      will: will && { ...will, payload: undefined },
      upgrade: upgrade && seenUpgrade(upgrade, false),
    } as Told)
  }

  text(cause: AuthenticationCause, { step, data }: AuthenticationStep, sight: Sight): string {
    const { facts, password, will, tls, upgrade, method } = this.#told
    return JSON.stringify({
      cause,
      step,
      ...facts,
      password64: sight.password ? password?.toString('base64') : undefined,
      will: will && seenWill(will, sight.maxPayloadBytes),
      tls: tls ?? undefined,
      ws: upgrade === null ? undefined : seenUpgrade(upgrade, sight.password),
      authMethod: method,
      authData64: data?.toString('base64'),
    })
  }
}

export function authenticateText(
  packet: ConnectPacket,
  newcomer: Newcomer,
  { tls, upgrade }: CameBy = PLAINLY,
): AuthenticateText {
  return new AuthenticateText({
    clientId: newcomer.clientId,
    method: packet.authenticationMethod,
    origin: { source: `address ${newcomer.remoteAddress}` },
    facts: {
      ...newcomer,
      protocolVersion: packet.version,
      cleanStart: packet.cleanStart,
      keepAliveSec: packet.keepAliveSec,
      userProperties: packet.userProperties,
    },
    will: packet.will,
    password: packet.password,
    tls,
    upgrade,
  })
}

const PLAINLY: CameBy = Object.freeze({ tls: null, upgrade: null })

function seenWill({ topic, qos, retain, payload }: SeenWill, maxPayloadBytes: number): object {
  if (maxPayloadBytes < 0 || payload === undefined) return { topic, qos, retain }
  if (payload.length > maxPayloadBytes) return { topic, qos, retain, payloadOmitted: true }
  return { topic, qos, retain, payload64: payload.toString('base64') }
}

/** Who is asked, and why; `client`: who is connected already. */
export interface AuthenticationOccasion {
  readonly cause: AuthenticationCause
  readonly voters: readonly Voter[]
  readonly client: Client | null
}

/** One plugin's allow, which may be renewed and expires by itself. */
export interface Given {
  readonly plugin: string
  readonly allow: Allow
  /** On the monotonic clock, in ms. */
  readonly at: number
  /** When it was asked, on the same clock; absent: just now. */
  readonly askedAt?: number
  /** It is what the plugin said before, and was not asked about again. */
  readonly stands?: boolean
}

/**
 * Who is it? Asked of a CONNECT, in each step of an enhanced authentication [MQTT 5.0, 4.12], and again of a
 * client that is connected. An answer is one more than for other questions: to go on, which outweighs an
 * allow, and any refusal outweighs it.
 */
export abstract class Authentication extends Question {
  readonly event: AuthenticateText
  /** The allows of this time of asking, plugin by plugin. */
  given: Given[] = []
  #reply: { readonly data?: Buffer } | null = null
  #repliesDiffer = false
  #faults = 0
  #refusals = 0
  #last: (() => void) | null = null
  #isFirstStep = true
  #isAskedAgain = false
  #hooks: AskedHooks | null = null

  constructor(event: AuthenticateText) {
    super()
    this.event = event
  }

  /** @param hooks of the tenant: they know how much of a payload crosses, and what was taken back. */
  ask(occasion: AuthenticationOccasion, hooks: AskedHooks, step: AuthenticationStep): void {
    const { cause, voters, client } = occasion
    this.#hooks = hooks
    this.#last = () => this.ask(occasion, hooks, step)
    this.#isFirstStep = step.step === 0
    this.given = []
    this.#reply = null
    this.#repliesDiffer = false
    this.#faults = 0
    this.#refusals = 0
    this.expect(voters)
    const subject = client?.subject ?? null
    // who is known answers for himself
    const origin = subject === null ? this.event.origin : undefined
    voters.forEach(({ plugin, hook, seesPayload }, slot) => {
      const password = plugin.capabilities.password !== undefined
      const sight = { password, maxPayloadBytes: seesPayload ? hooks.payloadBytes : -1 }
      plugin.ask(hook, subject, this.event.text(cause, step, sight), this, slot, origin)
    })
  }

  /**
   * Whether a plugin has taken back, of this client or under its allow's tag, what it said here: a client
   * that is not admitted yet is not there to be found by who looks for it.
   */
  isTakenBack({ session }: Pick<Allow, 'session'>): boolean {
    const clientIds = [this.event.clientId, session?.assignedClientId ?? this.event.clientId]
    const memory = this.#hooks?.memory
    return this.given.some(({ plugin, allow: { cacheTag: tag }, askedAt = 0 }) =>
      clientIds.some((clientId) => memory?.isTakenBack(plugin, { clientId, tag }, askedAt)),
    )
  }

  /**
   * Asks once more about what was taken back meanwhile. Once, or a plugin that takes back with each answer
   * were asked for ever; and not in the midst of several steps, whose beginning only the client can repeat.
   */
  askAgain(): void {
    const again = this.#last
    if (again === null || this.#isAskedAgain || !this.#isFirstStep) return this.decided(OUTDATED)
    this.#isAskedAgain = true
    again()
  }

  /** Whether no plugin's own word refuses: a call that failed does. */
  get failed(): boolean {
    return this.#faults > 0 && this.#refusals === 0
  }

  /** Another step is to be taken. @param data for the client; undefined: none. */
  protected abstract continued(data: Buffer | undefined): void

  protected override read(asked: AskedPlugin, outcome: Outcome, verdict: CheckedVerdict | null): Verdict {
    if (outcome !== 'ok') this.#faults += 1
    if (verdict?.verdict === 'continue') {
      this.#repliesDiffer ||= this.#reply !== null && !areEqual(this.#reply.data, verdict.data)
      this.#reply ??= verdict
      return ANOTHER_STEP
    }
    const said = super.read(asked, outcome, verdict)
    if (said.verdict === 'allow') {
      const { askedAt } = this
      this.given.push({ plugin: asked.plugin.name, allow: said, at: performance.now(), askedAt })
    } else if (said.verdict !== 'abstain' && outcome === 'ok') this.#refusals += 1
    return said
  }

  protected override concluded(merged: Verdict): void {
    if (merged.verdict === 'deny' || merged.verdict === 'disconnect') return this.decided(merged)
    if (this.#repliesDiffer) return this.decided(CONTRADICTION)
    if (this.#reply !== null) return this.continued(this.#reply.data)
    if (merged.verdict === 'allow') return this.isTakenBack(merged) ? this.askAgain() : this.decided(merged)
    this.decided(this.event.method === undefined ? NOBODY_ALLOWED : METHOD_UNKNOWN)
  }
}

/** What an authentication needs of its tenant's hooks. */
type AskedHooks = Pick<TenantHooks, 'payloadBytes' | 'memory'>

/** What was allowed was taken back while it was answered. */
const OUTDATED: Verdict = Object.freeze({
  verdict: 'deny',
  code: ReasonCode.notAuthorized,
  note: 'what was allowed was taken back while it was answered',
})

/** Nobody has anything to say to an authentication method [MQTT-4.12.0-1]. */
export const METHOD_UNKNOWN: Verdict = Object.freeze({
  verdict: 'deny',
  code: ReasonCode.badAuthenticationMethod,
  note: 'no plugin knows the authentication method',
})

function areEqual(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b)
}
