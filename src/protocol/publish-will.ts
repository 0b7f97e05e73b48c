import { DECIDED_COST } from '../base/limits.ts'
import type { Steps } from '../base/work-turns.ts'
import type { Message } from '../codec/message.ts'
import { lowerMessage, patchMessage } from '../codec/patch-message.ts'
import type { Verdict } from '../hooks/verdict.ts'
import { WillQuestion } from '../hooks/will-question.ts'
import type { WillAnswer } from '../hooks/will-verdict.ts'
import type { Voice } from '../hooks/voice.ts'
import type { Client } from '../session/client.ts'
import type { Session } from '../session/session.ts'
import type { PendingWill } from '../session/will.ts'
import { overRetainedQuota, publishMessages } from './accept-publish.ts'
import type { MqttSettings, Node, Realm } from './ports.ts'
import { Passage, type Transformed } from './publish-pipeline.ts'
import { refusalOf } from './refusal.ts'

/** Now, or when its delay has passed, whichever the session's end allows [MQTT-3.1.2-8]. */
export function fireWill(node: Node, realm: Realm, session: Session, will: PendingWill): void {
  if (will.delaySec === 0 || session.expirySec === 0) publishWill(node, realm, will, session)
  else holdWill(node, realm, session, will, will.delaySec * 1000)
}

/** @returns the will that waited for its delay, if there was one: it waits no more. */
export function forgetPendingWill(node: Node, session: Session): PendingWill | null {
  const will = session.pendingWill
  if (will === null) return null
  node.timers.cancel(will)
  session.pendingWill = null
  // a question about a subject that is gone may still be asked: whoever needs it gets it once more
  will.client.subject?.release()
  return will
}

/**
 * A will is due. Its plugins may change it, put it off once or keep it back; then it goes out as the client
 * that left it, by the same plugins' leave and through the same changes as a publish of its own.
 *
 * @param session what it could wait with; null: that is over.
 */
export function publishWill(node: Node, realm: Realm, will: PendingWill, session: Session | null): void {
  realm.wills.release(will)
  new DueWill(node, realm, will, session).ask()
}

/** Publishes the will in so many ms, unless its client is back by then. */
export function holdWill(
  node: Node,
  realm: Realm,
  session: Session,
  will: PendingWill,
  dueInMs: number,
): void {
  session.pendingWill = will
  session.writeWill(will, Date.now() + dueInMs)
  realm.wills.keep(will)
  // those of all who lost their connections at once are due at once
  will.onDue = () => realm.turns.run(realm.name, due())
  function* due(): Steps {
    // its client has come back before its turn came
    if (session.pendingWill !== will) return
    forgetPendingWill(node, session)
    publishWill(node, realm, will, session)
    yield DECIDED_COST
  }
  node.timers.add(will, dueInMs)
}

/** What a plugin put in a will's place, within what this broker offers. */
export function replacedWill(
  will: Message,
  patch: Parameters<typeof patchMessage>[1],
  { maximumQos, retainAvailable }: MqttSettings,
): Message {
  const replaced = patchMessage(will, patch, Date.now())
  lowerMessage(replaced, maximumQos, retainAvailable)
  return replaced
}

/** Waits for the plugins' word on whether the will is to go out. */
class DueWill extends WillQuestion {
  readonly #node: Node
  readonly #realm: Realm
  readonly #will: PendingWill
  readonly #session: Session | null

  constructor(node: Node, realm: Realm, will: PendingWill, session: Session | null) {
    const { message, delaySec, client } = will
    const isKept = session !== null && session.expirySec > 0
    const mayDefer = isKept && realm.sessions.get(session.clientId) === session && !will.isDeferred
    super(realm.hooks, client, { when: 'fire', message, delaySec, mayDefer })
    this.#node = node
    this.#realm = realm
    this.#will = will
    this.#session = session
  }

  protected override decided(answer: WillAnswer): void {
    const { client } = this
    switch (answer.verdict) {
      case 'allow':
      case 'abstain': // nobody minds: whether it may be published is still to be asked
        return this.#publish(this.#dueMessage())
      case 'set':
        return this.#publish(replacedWill(this.#dueMessage(), answer.will, this.#node.mqtt))
      case 'defer':
        return this.#defer(answer.delaySec)
      case 'strip':
      case 'suppress':
        return this.#drop()
      case 'deny':
      case 'disconnect':
        this.#session?.eraseWill(this.#will)
        return refused(this.#node, this.#realm, client, this.#will.message, answer, this.voices)
    }
  }

  /** Its expiry counts from now [MQTT 5.0, 3.1.3.2.4]. */
  #dueMessage(): Message {
    const { message, expirySec } = this.#will
    if (expirySec !== undefined) message.expiresAt = Date.now() + expirySec * 1000
    return message
  }

  #publish(message: Message): void {
    const gone = (): void => this.#session?.eraseWill(this.#will)
    new WillPassage(this.#node, this.#realm, this.client, message, gone).enter()
  }

  #defer(delaySec: number): void {
    const will = this.#will
    const session = this.#session
    will.isDeferred = true
    if (session === null || this.#realm.sessions.get(session.clientId) !== session) {
      // it ended while plugins were asked: the will goes out with it, as far as they let it
      return publishWill(this.#node, this.#realm, will, null)
    }
    // its client has been back since: a will that still waits is not sent [MQTT-3.1.3-9]
    if (session.client !== will.client) return this.#drop()
    holdWill(this.#node, this.#realm, session, will, delaySec * 1000)
  }

  #drop(): void {
    const { message } = this.#will
    this.#session?.eraseWill(this.#will)
    this.#realm.hooks.tellMessage('onBrokerMessageDropped', null, message, ',"reason":"suppressed"')
  }
}

class WillPassage extends Passage {
  readonly #node: Node
  readonly #gone: () => void

  /** @param gone told in the turn in which the message goes out, or is refused. */
  constructor(node: Node, realm: Realm, client: Client, message: Message, gone: () => void) {
    super(node.mqtt, realm, client, message)
    this.#node = node
    this.#gone = gone
  }

  protected override ended(verdict: Verdict, transformed: Transformed | null): void {
    const { realm, client, message } = this
    const node = this.#node
    const outputs = transformed?.outputs ?? [message]
    transformed?.release()
    // in one batch with what it brings about: after a crash it has gone out, or goes out again
    this.#gone()
    const refusal = verdict.verdict === 'allow' ? overRetainedQuota(realm, outputs, client) : verdict
    if (refusal === null) {
      publishMessages(node, realm, outputs, client)
      return
    }
    const voices = transformed?.voices ?? this.voices
    refused(node, realm, client, transformed?.refused ?? message, refusal, voices)
  }
}

function refused(
  node: Node,
  realm: Realm,
  client: Client,
  message: Message,
  verdict: Verdict,
  voices: readonly Voice[],
): void {
  const { code, detail } = refusalOf(verdict)
  node.observer.refused({
    realm: realm.name,
    clientId: client.clientId,
    client,
    remoteAddress: client.remoteAddress,
    version: client.protocolVersion,
    action: 'will',
    topic: message.topic,
    reasonCode: code,
    detail: `topic ${message.topic}: ${detail}`,
    voices,
  })
}
