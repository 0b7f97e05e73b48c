import { Alarm } from '../base/alarm.ts'
import { END_COST, REFRESH_LEAST_MS, REFRESH_RETRY_MS } from '../base/limits.ts'
import type { Steps } from '../base/work-turns.ts'
import { PacketType } from '../codec/packet-type.ts'
import type { AuthPacket } from '../codec/packets.ts'
import { ReasonCode, serverMaySend } from '../codec/reason-code.ts'
import type { AuthenticateText, Given } from '../hooks/authentication.ts'
import type { Allow, Verdict } from '../hooks/verdict.ts'
import type { Voice } from '../hooks/voice.ts'
import type { Lease, Peer } from './peer.ts'
import type { Realm } from './ports.ts'
import { Reauthentication } from './reauthentication.ts'
import { Refresh, type RefreshSink, remaining } from './refresh.ts'
import { refusalOf } from './refusal.ts'
import { renewClient } from './renew-client.ts'

/** Null: the client stays for as long as it likes, and has named no method to authenticate anew. */
export function leaseOf(
  peer: Peer,
  realm: Realm,
  event: AuthenticateText,
  allowed: Allow,
  given: readonly Given[],
): Lease | null {
  const { expiresInMs, refreshInMs } = allowed
  if (expiresInMs === undefined && refreshInMs === undefined && event.method === undefined) return null
  return new AuthenticationLease(peer, realm, event.withoutSecrets(), allowed, given)
}

/**
 * What lasts of an authentication: until when it is good, when its plugins want to be asked again, and by
 * which method the client may authenticate anew. One thing at a time, and the client's own wish first.
 */
class AuthenticationLease implements Lease, RefreshSink {
  readonly #peer: Peer
  readonly #realm: Realm
  readonly #event: AuthenticateText
  #given: readonly Given[] = []
  #expires = false
  /** It has expired while plugins were asked to renew it: their answer decides. */
  #isOverdue = false
  readonly #expiry = new Alarm(() => this.#inTurn(this.#expire()))
  readonly #refresh = new Alarm(() => this.#inTurn(this.#refreshDue()))
  #reauthentication: Reauthentication | null = null
  /** The one whose answer counts. */
  #refreshing: Refresh | null = null

  constructor(peer: Peer, realm: Realm, event: AuthenticateText, allowed: Allow, given: readonly Given[]) {
    this.#peer = peer
    this.#realm = realm
    this.#event = event
    this.#begin(allowed, given)
  }

  reauthenticate(packet: AuthPacket): void {
    const peer = this.#peer
    const { client } = peer
    const { method } = this.#event
    if (client === null) return
    if (this.#isOverdue) return this.#end()
    if (method === undefined) {
      return peer.fail(ReasonCode.protocolError, 'AUTH without an authentication method') // [MQTT-4.12.0-7]
    }
    // [MQTT-4.12.1-1]
    if (packet.reasonCode !== ReasonCode.reAuthenticate || packet.authenticationMethod !== method) {
      return peer.fail(ReasonCode.protocolError, 'not the authentication that CONNECT began')
    }
    this.#refreshing = null
    this.#reauthentication = new Reauthentication(peer, this.#realm, this.#event, client, this)
    this.#reauthentication.start(packet)
  }

  end(): void {
    const { timers } = this.#peer.node
    timers.cancel(this.#expiry)
    timers.cancel(this.#refresh)
    this.#refreshing = null
    this.#reauthentication?.end()
  }

  renewed(verdict: Allow, given: readonly Given[]): boolean {
    const peer = this.#peer
    const { client } = peer
    this.#refreshing = null
    if (peer.state !== 'online' || client === null) return false
    if (verdict.principal !== undefined && verdict.principal !== client.principal) {
      this.refused(SOMEBODY_ELSE, [])
      return false
    }
    renewClient(peer, client, verdict, given)
    this.#begin(verdict, given)
    return true
  }

  refused(verdict: Verdict, voices: readonly Voice[]): void {
    this.#refreshing = null
    const peer = this.#peer
    if (peer.state !== 'online') return
    const refusal = refusalOf(verdict)
    const { reason, detail } = refusal
    const code = serverMaySend(PacketType.DISCONNECT, refusal.code) ? refusal.code : ReasonCode.notAuthorized
    peer.report({ action: 'connect', reasonCode: code, detail, reason, heard: 'disconnect', voices })
    const sendWill = verdict.verdict === 'disconnect' ? (verdict.sendWill ?? true) : true
    peer.end(code, 'plugin', refusal, sendWill)
  }

  failed(): boolean {
    // where nothing else ends it, a failure does: security fails closed
    if (!this.#expires || this.#isOverdue) return false
    this.#refreshing = null
    this.#peer.node.timers.add(this.#refresh, REFRESH_RETRY_MS)
    return true
  }

  #begin(allowed: Allow, given: readonly Given[]): void {
    const { timers } = this.#peer.node
    const { expiresInMs, refreshInMs } = allowed
    this.#given = given
    this.#expires = expiresInMs !== undefined
    this.#isOverdue = false
    // in this order: where both fall into one tick, who can be renewed is
    if (refreshInMs === undefined) timers.cancel(this.#refresh)
    else timers.add(this.#refresh, Math.max(refreshInMs, REFRESH_LEAST_MS))
    if (expiresInMs === undefined) timers.cancel(this.#expiry)
    else timers.add(this.#expiry, expiresInMs)
  }

  #end(): void {
    const peer = this.#peer
    const reasonCode = ReasonCode.maximumConnectTime
    peer.report({ action: 'connect', reasonCode, detail: EXPIRED, heard: 'disconnect' })
    peer.end(reasonCode, 'server', peer.ownWords(EXPIRED))
  }

  /** A timer rings for as many clients at once as a tenant has. */
  #inTurn(steps: Steps): void {
    this.#realm.turns.run(this.#realm.name, steps)
  }

  *#expire(): Steps {
    const peer = this.#peer
    // it has ended, or was renewed, before its turn came
    if (peer.state !== 'online' || !this.#expires || this.#expiry.armed) return
    // plugins are being asked to renew it: their answer, for which they have little time, decides
    if (this.#refreshing !== null) this.#isOverdue = true
    else this.#end()
    yield END_COST
  }

  *#refreshDue(): Steps {
    const peer = this.#peer
    const { client } = peer
    if (client === null || peer.state !== 'online' || this.#refresh.armed) return
    // the client is at it by itself: that renews everything, or ends it
    if (peer.authSteps !== null) return
    const now = performance.now()
    const wanted = new Set(this.#given.filter(wantsRefresh).map(({ plugin }) => plugin))
    // renewed before its turn came, by who wants no refresh
    if (wanted.size === 0) return
    const standing = this.#given.filter((each) => !wantsRefresh(each)).map((each) => remaining(each, now))
    const voters = this.#realm.hooks.authenticate.filter(({ plugin }) => wanted.has(plugin.name))
    const refresh = new Refresh(
      this.#realm,
      this.#event,
      standing,
      this.#onlyWhile(() => this.#refreshing === refresh),
    )
    this.#refreshing = refresh
    refresh.start(voters, client)
    yield END_COST
  }

  /** An answer that has been overtaken, by the client or by its end, changes nothing. */
  #onlyWhile(isCurrent: () => boolean): RefreshSink {
    return {
      renewed: (verdict, given) => isCurrent() && this.renewed(verdict, given),
      refused: (verdict, voices) => {
        if (isCurrent()) this.refused(verdict, voices)
      },
      failed: () => !isCurrent() || this.failed(),
    }
  }
}

function wantsRefresh({ allow }: Given): boolean {
  return allow.refreshInMs !== undefined
}

const EXPIRED = 'the authentication has expired'

const SOMEBODY_ELSE: Verdict = Object.freeze({
  verdict: 'deny',
  code: ReasonCode.notAuthorized,
  note: 'authenticated anew as another principal',
})
