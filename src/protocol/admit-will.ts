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
  if (will === null || realm.hooks.will.length === 0) return then(will)
  new LeftWill(peer, realm, client, will, then).ask()
}

class LeftWill extends WillQuestion {
  readonly #peer: Peer
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
    this.#then(this.#admitted(answer))
  }

  #admitted(answer: WillAnswer): PendingWill | null {
    const will = this.#will
    if (answer.verdict === 'strip' || answer.verdict === 'suppress') return null
    if (answer.verdict !== 'set') return will
    const message = replacedWill(will.message, answer.will, this.#peer.node.mqtt)
    const expirySec = answer.will.properties?.messageExpirySec ?? will.expirySec
    return new PendingWill(message, will.client, will.delaySec, expirySec)
  }
}
