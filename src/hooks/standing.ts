import type { Client, StandingRef } from '../session/client.ts'
import type { Inquiry } from './inquiry.ts'
import type { Verdict } from './verdict.ts'
import type { Source } from './voice.ts'

/** An answer that needs no question. */
export interface Advance {
  readonly verdict: Verdict
  readonly source: Exclude<Source, 'crossing'>
}

/**
 * What plugins have said of one client in advance: their grants, and verdicts that may be reused. It lives as
 * long as the client's connection and its session; nobody else's question is answered from it.
 */
export class Standing implements StandingRef {
  /** Nobody has said anything in advance, as of most clients: nothing needs to be looked up. */
  isEmpty = true
  /** The plugins that have given grants: they have a say in what the client does, whatever they declare. */
  readonly granters: ReadonlySet<string> = new Set()

  /** Null: the plugin has to be asked. */
  answerOf(_plugin: string, _inquiry: Inquiry): Advance | null {
    return null
  }

  /** Keeps a verdict that has `cacheMs`. */
  remember(_plugin: string, _inquiry: Inquiry, _verdict: Verdict): void {
    this.isEmpty = true
  }
}

/** Every standing is made here: the port's type alone is wider. */
export function standingOf(client: Client): Standing {
  return client.standing as Standing
}
