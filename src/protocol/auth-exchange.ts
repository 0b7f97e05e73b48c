import { Alarm } from '../base/alarm.ts'
import { AUTH_DATA_BYTES, AUTH_STEPS, SESSION_COST } from '../base/limits.ts'
import type { Steps } from '../base/work-turns.ts'
import type { AuthPacket } from '../codec/packets.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import { writeAuth } from '../codec/write-packets.ts'
import {
  Authentication,
  type AuthenticateText,
  type AuthenticationOccasion,
  METHOD_UNKNOWN,
} from '../hooks/authentication.ts'
import type { Verdict } from '../hooks/verdict.ts'
import type { AuthSteps, Peer } from './peer.ts'
import type { Realm } from './ports.ts'

/**
 * An authentication in as many steps as plugins want [MQTT 5.0, 4.12]: what they have to say goes out as
 * AUTH, what the client answers is their next question. One step at a time, so many and no more. The client's
 * answers together may take as long as a CONNECT may; how long plugins take is bounded by the sandbox.
 */
export abstract class AuthExchange extends Authentication implements AuthSteps {
  protected readonly peer: Peer
  protected readonly realm: Realm
  readonly #occasion: AuthenticationOccasion
  #step = 0
  #asking = false
  /** Rings when the client's time is up, of which so much is left. */
  readonly #patience = new Alarm(() => this.decided(TOO_SLOW))
  #patienceMs: number
  #waitingSince = 0

  constructor(peer: Peer, realm: Realm, event: AuthenticateText, occasion: AuthenticationOccasion) {
    super(event)
    this.peer = peer
    this.realm = realm
    this.#occasion = occasion
    this.#patienceMs = peer.mqtt.connectTimeoutSec * 1000
  }

  /** @param data of the packet that begins it. */
  begin(data: Buffer | undefined): void {
    if (isTooMuch(data)) return this.decided(TOO_MUCH_DATA)
    this.#ask(data)
  }

  /** AUTH has come: the client's answer to the last step. */
  answer(packet: AuthPacket): void {
    // [MQTT-4.12.0-3]
    if (this.#asking || packet.reasonCode !== ReasonCode.continueAuthentication) {
      return this.peer.fail(ReasonCode.protocolError, 'an AUTH that was not asked for')
    }
    const { authenticationMethod, authenticationData } = packet
    // [MQTT-4.12.0-5]
    if (authenticationMethod !== this.event.method) {
      return this.peer.fail(ReasonCode.protocolError, 'another authentication method than before')
    }
    if (isTooMuch(authenticationData)) return this.decided(TOO_MUCH_DATA)
    this.#step += 1
    this.peer.node.timers.cancel(this.#patience)
    this.#patienceMs -= performance.now() - this.#waitingSince
    this.#ask(authenticationData)
  }

  /** Nobody is there any more to go on with it, or it has come to its end. */
  end(): void {
    const { peer } = this
    peer.node.timers.cancel(this.#patience)
    if (peer.authSteps === this) peer.authSteps = null
  }

  /** Whether its outcome still matters: the client may be gone, or its authentication replaced. */
  protected abstract get isCurrent(): boolean

  /** Plugins are asked from here on, … */
  protected abstract asking(): void

  /** … and here the client is. */
  protected abstract waiting(): void

  /** The end of it, where it still matters. */
  protected abstract finish(verdict: Verdict): void

  /** One frame of a cell decides about many clients, each with what plugins said of it: that takes turns. */
  protected override decided(verdict: Verdict): void {
    const { turns, name } = this.realm
    turns.run(name, this.#finishing(verdict))
  }

  protected override continued(data: Buffer | undefined): void {
    this.#asking = false
    if (!this.isCurrent) return
    const { method } = this.event
    if (method === undefined) return this.decided(NO_METHOD) // [MQTT-4.12.0-6]
    if (this.#step + 1 >= AUTH_STEPS) return this.decided(TOO_MANY_STEPS)
    const { peer } = this
    // [MQTT-4.12.0-2]
    const details = { authenticationMethod: method, authenticationData: data }
    if (!writeAuth(peer.out, ReasonCode.continueAuthentication, details, peer.maximumPacketSize)) {
      return this.decided(TOO_LARGE_A_STEP)
    }
    this.#waitingSince = performance.now()
    peer.node.timers.add(this.#patience, this.#patienceMs)
    this.waiting()
  }

  *#finishing(verdict: Verdict): Steps {
    this.finish(verdict)
    yield SESSION_COST
  }

  #ask(data: Buffer | undefined): void {
    const { voters } = this.#occasion
    if (voters.length === 0) return this.decided(METHOD_UNKNOWN)
    this.#asking = true
    this.asking()
    this.ask(this.#occasion, this.realm.hooks, { step: this.#step, data })
  }
}

function isTooMuch(data: Buffer | undefined): boolean {
  return data !== undefined && data.length > AUTH_DATA_BYTES
}

function refusal(code: number, note: string): Verdict {
  return Object.freeze({ verdict: 'deny', code, note })
}

const TOO_MUCH_DATA = refusal(
  ReasonCode.packetTooLarge,
  `more than ${AUTH_DATA_BYTES} bytes of authentication data`,
)
const TOO_LARGE_A_STEP = refusal(ReasonCode.packetTooLarge, 'AUTH is larger than the client takes')
const TOO_MANY_STEPS = refusal(ReasonCode.notAuthorized, `more than ${AUTH_STEPS} steps of authentication`)
const TOO_SLOW = refusal(ReasonCode.notAuthorized, 'the client has not authenticated in time')
const NO_METHOD = refusal(
  ReasonCode.notAuthorized,
  'a plugin wants to go on with an authentication for which the client has named no method',
)
