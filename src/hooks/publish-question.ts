import type { Message } from '../codec/message.ts'
import type { Client } from '../session/client.ts'
import { messageInquiry } from './inquiry.ts'
import { type AskedPlugin, Question } from './question.ts'
import { standingOf } from './standing.ts'
import type { Verdict } from './verdict.ts'

/** May this client publish this message? Asked of a PUBLISH, a will, a plugin's message. */
export abstract class PublishQuestion extends Question {
  readonly client: Client
  readonly message: Message

  constructor(client: Client, message: Message) {
    super()
    this.client = client
    this.message = message
  }

  protected override remember({ plugin }: AskedPlugin, verdict: Verdict, askedAt: number): void {
    standingOf(this.client).remember(plugin, messageInquiry('publish', this.message), verdict, askedAt)
  }

  /** Decides without a question, where nobody is to be asked. */
  settleBy(verdict: Verdict): void {
    this.decided(verdict)
  }
}
