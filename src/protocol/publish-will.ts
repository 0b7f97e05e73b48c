import { PublishQuestion } from '../hooks/publish-question.ts'
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
  realm.hooks.askPublish(new AskedWill(node, realm, will))
}

class AskedWill extends PublishQuestion {
  readonly #node: Node
  readonly #realm: Realm

  constructor(node: Node, realm: Realm, will: PendingWill) {
    super(will.client, will.message)
    this.#node = node
    this.#realm = realm
  }

  protected override decided(verdict: Verdict): void {
    const { message, client } = this
    if (verdict.verdict !== 'allow') {
      const { code, detail } = refusalOf(verdict)
      this.#node.observer.refused({
        realm: this.#realm.name,
        clientId: client.clientId,
        client,
        remoteAddress: client.remoteAddress,
        version: client.protocolVersion,
        action: 'will',
        topic: message.topic,
        reasonCode: code,
        detail: `topic ${message.topic}: ${detail}`,
        voices: this.voices,
      })
      return
    }
    if (verdict.maxQos !== undefined && verdict.maxQos < message.qos) message.qos = verdict.maxQos
    if (verdict.retain === false) message.retain = false
    publishMessage(this.#node, this.#realm, message, client)
  }
}
