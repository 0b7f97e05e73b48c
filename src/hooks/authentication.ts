import type { ConnectPacket } from '../codec/packets.ts'
import { Question } from './question.ts'
import type { TenantHooks } from './tenant-hooks.ts'

/** What the broker knows of a newcomer beside its CONNECT. */
export interface Newcomer {
  readonly tenant: string
  readonly listener: string
  readonly remoteAddress: string
  readonly clientId: string
  readonly username: string | undefined
}

/** The event in its parts: who may see the password gets it, and likewise the will's payload. */
export interface AuthenticateText {
  text(seesPassword: boolean, seesPayload: boolean): string
}

export function authenticateText(packet: ConnectPacket, newcomer: Newcomer): AuthenticateText {
  const { will, password } = packet
  const event = {
    ...newcomer,
    protocolVersion: packet.version,
    cleanStart: packet.cleanStart,
    keepAliveSec: packet.keepAliveSec,
    userProperties: packet.userProperties,
  }
  const bareWill = will === undefined ? undefined : { topic: will.topic, qos: will.qos, retain: will.retain }
  return {
    text: (seesPassword, seesPayload) =>
      JSON.stringify({
        ...event,
        password64: seesPassword ? password?.toString('base64') : undefined,
        will:
          bareWill === undefined || !seesPayload
            ? bareWill
            : { ...bareWill, payload64: will?.payload.toString('base64') },
      }),
  }
}

/** A CONNECT's question. */
export abstract class Authentication extends Question {
  ask(hooks: TenantHooks, event: AuthenticateText): void {
    const voters = hooks.authenticate
    this.expect(voters)
    voters.forEach(({ plugin, hook, seesPayload }, slot) => {
      const seesPassword = plugin.capabilities.password !== undefined
      plugin.ask(hook, null, event.text(seesPassword, seesPayload), this, slot)
    })
  }
}
