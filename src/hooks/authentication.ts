import type { CheckedVerdict, Origin, Outcome } from '../../sandbox/index.ts'
import type { ConnectPacket, Will } from '../codec/packets.ts'
import { Question } from './question.ts'
import type { Given, TenantHooks, Voter } from './tenant-hooks.ts'

/** What the broker knows of a newcomer beside its CONNECT. */
export interface Newcomer {
  readonly tenant: string
  readonly listener: string
  readonly remoteAddress: string
  readonly clientId: string
  readonly username: string | undefined
}

/**
 * The event in its parts: who may see the password gets it, and likewise the will's payload; a payload of
 * more than `maxPayloadBytes` does not cross, with less than 0 none does.
 */
export interface AuthenticateText {
  text(seesPassword: boolean, maxPayloadBytes: number): string
  /** Whose strikes it is: nobody is who he says he is, so that the address answers for it. */
  readonly origin: Origin
}

export function authenticateText(packet: ConnectPacket, newcomer: Newcomer): AuthenticateText {
  const { password } = packet
  const event = {
    ...newcomer,
    protocolVersion: packet.version,
    cleanStart: packet.cleanStart,
    keepAliveSec: packet.keepAliveSec,
    userProperties: packet.userProperties,
  }
  return {
    origin: { source: `address ${newcomer.remoteAddress}` },
    text: (seesPassword, maxPayloadBytes) =>
      JSON.stringify({
        ...event,
        password64: seesPassword ? password?.toString('base64') : undefined,
        will: packet.will && seenWill(packet.will, maxPayloadBytes),
      }),
  }
}

function seenWill({ topic, qos, retain, payload }: Will, maxPayloadBytes: number): object {
  if (maxPayloadBytes < 0) return { topic, qos, retain }
  if (payload.length > maxPayloadBytes) return { topic, qos, retain, payloadOmitted: true }
  return { topic, qos, retain, payload64: payload.toString('base64') }
}

/** A CONNECT's question. */
export abstract class Authentication extends Question {
  #voters: readonly Voter[] = []
  /** The allows of this time of asking, plugin by plugin. */
  readonly given: Given[] = []

  ask(hooks: TenantHooks, event: AuthenticateText): void {
    const voters = hooks.authenticate
    this.#voters = voters
    this.given.length = 0
    this.expect(voters)
    voters.forEach(({ plugin, hook, seesPayload }, slot) => {
      const seesPassword = plugin.capabilities.password !== undefined
      const maxPayloadBytes = seesPayload ? hooks.payloadBytes : -1
      plugin.ask(hook, null, event.text(seesPassword, maxPayloadBytes), this, slot, event.origin)
    })
  }

  override answered(slot: number, outcome: Outcome, verdict: CheckedVerdict | null): void {
    const voter = this.#voters[slot]
    if (voter !== undefined && outcome === 'ok' && verdict?.verdict === 'allow') {
      this.given.push({ plugin: voter.plugin.name, allow: verdict })
    }
    super.answered(slot, outcome, verdict)
  }
}
