import { NOBODY_ALLOWED } from '../hooks/failure-policy.ts'
import { ALLOW } from '../hooks/merge-verdicts.ts'
import { Question } from '../hooks/question.ts'
import type { Verdict } from '../hooks/verdict.ts'
import type { PendingWill } from '../session/will.ts'
import { publishMessage } from './accept-publish.ts'
import type { Node, Realm } from './ports.ts'
import { refusalOf } from './refusal.ts'

/**
 * A will goes out as the client that left it, by the same plugins' leave as a publish of its own
 * [MQTT-3.1.2-8].
 */
export function publishWill(node: Node, realm: Realm, will: PendingWill): void {
  const { message } = will
  if (will.expirySec !== undefined) message.expiresAt = Date.now() + will.expirySec * 1000
  const asked = new AskedWill(node, realm, will)
  if (realm.hooks.publish.length > 0) realm.hooks.askPublish(asked, will.client, message)
  else asked.decided(realm.topicDefault === 'allow' ? ALLOW : NOBODY_ALLOWED)
}

class AskedWill extends Question {
  readonly #node: Node
  readonly #realm: Realm
  readonly #will: PendingWill

  constructor(node: Node, realm: Realm, will: PendingWill) {
    super()
    this.#node = node
    this.#realm = realm
    this.#will = will
  }

  override decided(verdict: Verdict): void {
    const { message, client } = this.#will
    if (verdict.verdict !== 'allow') {
      const { code, detail } = refusalOf(verdict)
      this.#node.observer.refused({
        realm: this.#realm.name,
        clientId: client.clientId,
        client,
        remoteAddress: client.remoteAddress,
        action: 'will',
        topic: message.topic,
        reasonCode: code,
        detail: `topic ${message.topic}: ${detail}`,
      })
      return
    }
    if (verdict.maxQos !== undefined && verdict.maxQos < message.qos) message.qos = verdict.maxQos
    if (verdict.retain === false) message.retain = false
    publishMessage(this.#node, this.#realm, message, client)
  }
}
