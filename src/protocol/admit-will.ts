import { ReasonCode } from '../codec/reason-code.ts'
import type { Voice } from '../hooks/voice.ts'
import { WillQuestion } from '../hooks/will-question.ts'
import type { WillAnswer } from '../hooks/will-verdict.ts'
import type { Client } from '../session/client.ts'
import { PendingWill } from '../session/will.ts'
import type { Peer } from './peer.ts'
import type { Realm } from './ports.ts'
import { replacedWill } from './publish-will.ts'
import { refusalOf } from './refusal.ts'
import { refuseConnect } from './refuse-connect.ts'

/**
 * May this client leave this will? Asked between authentication and CONNACK, before another connection with
 * the same client identifier is closed: who is refused takes nothing over.
 *
 * @param then gets the will as it is to be kept; null: there is none. Not called where the connection is
 * refused, or over by then.
 */
export function admitWill(
  peer: Peer,
  realm: Realm,
  client: Client,
  will: PendingWill | null,
  then: (will: PendingWill | null) => void,
): void {
  if (will === null) return then(null)
  if (realm.hooks.will.length === 0) return keepWill(peer, realm, will, [], then)
  new LeftWill(peer, realm, client, will, then).ask()
}

/** A will takes room from here on: it stays that of its client, wherever that is. */
function keepWill(
  peer: Peer,
  realm: Realm,
  will: PendingWill,
  voices: readonly Voice[],
  then: (will: PendingWill) => void,
): void {
  const { client } = will
  const left = realm.sessions.get(client.clientId)
  if (realm.wills.admit(will, left?.will ?? left?.pendingWill ?? null)) return then(will)
  realm.quotaExceeded('willBytes', client)
  const reason = 'the wills of this tenant take too much room'
  refuseConnect(peer, ReasonCode.quotaExceeded, peer.ownWords(reason), reason, voices)
  client.subject?.release()
}

class LeftWill extends WillQuestion {
  readonly #peer: Peer
  readonly #realm: Realm
  readonly #will: PendingWill
  readonly #then: (will: PendingWill | null) => void

  constructor(
    peer: Peer,
    realm: Realm,
    client: Client,
    will: PendingWill,
    then: (will: PendingWill | null) => void,
  ) {
    const { message, delaySec } = will
    super(realm.hooks, client, { when: 'connect', message, delaySec, mayDefer: false })
    this.#peer = peer
    this.#realm = realm
    this.#will = will
    this.#then = then
  }

  protected override decided(answer: WillAnswer): void {
    const peer = this.#peer
    if (peer.state !== 'authenticating') return this.client.subject?.release()
    if (answer.verdict === 'deny' || answer.verdict === 'disconnect') {
      const refusal = refusalOf(answer)
      refuseConnect(peer, refusal.code, refusal, `will: ${refusal.detail}`, this.voices)
      this.client.subject?.release()
      return
    }
    const will = this.#admitted(answer)
    if (will === null) this.#then(null)
    else keepWill(peer, this.#realm, will, this.voices, this.#then)
  }

  #admitted(answer: WillAnswer): PendingWill | null {
    const will = this.#will
    if (answer.verdict === 'strip' || answer.verdict === 'suppress') return null
    if (answer.verdict !== 'set') return will
    const message = replacedWill(will.message, answer.will, this.#peer.mqtt)
    const expirySec = answer.will.properties?.messageExpirySec ?? will.expirySec
    return new PendingWill(message, will.client, will.delaySec, expirySec)
  }
}
