import type { AuthPacket } from '../codec/packets.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import { writeAuth } from '../codec/write-packets.ts'
import type { AuthenticateText, Given } from '../hooks/authentication.ts'
import type { Allow, Verdict } from '../hooks/verdict.ts'
import type { Voice } from '../hooks/voice.ts'
import type { Client } from '../session/client.ts'
import { AuthExchange } from './auth-exchange.ts'
import type { Peer } from './peer.ts'
import type { Realm } from './ports.ts'

/** Who an authentication of a connected client is reported to. */
export interface RenewalSink {
  /** @returns whether the client is still connected: it may have turned out to be somebody else. */
  renewed(verdict: Allow, given: readonly Given[]): boolean
  refused(verdict: Verdict, voices: readonly Voice[]): void
}

/**
 * A client that is online authenticates anew, because it wants to [MQTT 5.0, 4.12.1]: by the same method, in
 * steps as before. Meanwhile all goes on as it was allowed.
 */
export class Reauthentication extends AuthExchange {
  readonly #sink: RenewalSink

  constructor(peer: Peer, realm: Realm, event: AuthenticateText, client: Client, sink: RenewalSink) {
    super(peer, realm, event, { cause: 'reauthenticate', voters: realm.hooks.authenticate, client })
    this.#sink = sink
  }

  start({ authenticationData }: AuthPacket): void {
    this.peer.authSteps = this
    this.begin(authenticationData)
  }

  protected override get isCurrent(): boolean {
    return this.peer.state === 'online' && this.peer.authSteps === this
  }

  protected override asking(): void {
    // its packets are read on: only AUTH has to wait
  }

  protected override waiting(): void {
    // and on
  }

  protected override finish(verdict: Verdict): void {
    if (!this.isCurrent) return
    this.end()
    if (verdict.verdict !== 'allow') return this.#sink.refused(verdict, this.voices) // [MQTT-4.12.1-2]
    if (!this.#sink.renewed(verdict, this.given)) return
    const { peer, event } = this
    const details = { authenticationMethod: event.method, authenticationData: verdict.authData }
    if (!writeAuth(peer.out, ReasonCode.success, details, peer.maximumPacketSize)) {
      peer.fail(ReasonCode.packetTooLarge, 'AUTH is larger than the client takes')
    }
  }
}
