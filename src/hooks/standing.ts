import { TAGS_PER_CLIENT } from '../base/limits.ts'
import type { GrantTree } from '../router/grant-tree.ts'
import type { Client, StandingRef } from '../session/client.ts'
import type { Action, Inquiry } from './inquiry.ts'
import { ALLOW, NO_OPINION } from './merge-verdicts.ts'
import type { SaidOf } from './revocations.ts'
import { type Speaker, VerdictCache } from './verdict-cache.ts'
import type { VerdictMemory } from './verdict-memory.ts'
import type { Verdict } from './verdict.ts'
import type { Source } from './voice.ts'

/** An answer that needs no question. */
export interface Advance {
  readonly verdict: Verdict
  readonly source: Exclude<Source, 'crossing'>
}

/** Who may have answered in advance. */
export interface AdvanceVoter {
  readonly plugin: Speaker
  /** False: it has no hook that could be asked beyond its grants. */
  readonly declares: boolean
}

/** What one plugin took back of what it had said of a client. */
export interface TakenBack {
  readonly verdicts: number
  readonly grants: boolean
  /** What allowed the client's subscriptions may be among it: they are to be asked about again. */
  readonly concerned: boolean
}

interface Granted {
  /** Null: it has taken them back. It still has a say, by its own hooks or as a refusal. */
  tree: GrantTree | null
  readonly tag: string | undefined
  /** When the plugin was asked for them, on the monotonic clock in ms. */
  readonly askedAt: number
  readonly namesReceive: boolean
}

const ALLOWED: Advance = byGrant(ALLOW)
const SILENT: Advance = byGrant(NO_OPINION)
const DENIED: Advance = byGrant({ verdict: 'deny', code: 0x87, note: 'a grant denies it' })
const UNGRANTED: Advance = byGrant({ verdict: 'deny', code: 0x87, note: 'no grant allows it' })
const TAKEN_BACK: Advance = byGrant({ verdict: 'deny', code: 0x87, note: 'the grants were taken back' })

function byGrant(verdict: Verdict): Advance {
  return Object.freeze({ verdict: Object.freeze(verdict), source: 'grant' })
}

const NONE: readonly string[] = Object.freeze([])

/**
 * What plugins have said of one client in advance: their grants, and verdicts that may be reused. It begins
 * with the client's connection, and nobody else's question is answered from it.
 */
export class Standing implements StandingRef {
  /** Nobody has said anything in advance, as of most clients: nothing needs to be looked up. */
  isEmpty = true
  /** By plugin name; made with the first, as is all that most clients never have. */
  #grants: Map<string, Granted> | null = null
  #granters: readonly string[] = NONE
  #receiveGranters: readonly string[] = NONE
  readonly #memory: VerdictMemory | null
  /** Null: nothing is to be remembered, or nothing has been. */
  #cache: VerdictCache | null = null
  #isClosed = false
  /** By plugin name: the tags under which the client's subscriptions were allowed. */
  #tags: Map<string, Set<string>> | null = null

  /** @param memory absent: verdicts are not remembered. */
  constructor(memory: VerdictMemory | null = null) {
    this.#memory = memory
  }

  /**
   * @param tag under which the plugin may take the grants back.
   * @param askedAt when it was asked for them, on the monotonic clock in ms.
   */
  grant(plugin: string, tree: GrantTree, tag?: string, askedAt: number = performance.now()): void {
    const grants = (this.#grants ??= new Map<string, Granted>())
    grants.set(plugin, { tree, tag, askedAt, namesReceive: tree.names('receive') })
    this.#granters = [...grants.keys()]
    this.#receiveGranters = this.#granters.filter((name) => grants.get(name)?.namesReceive)
    this.isEmpty = false
  }

  /**
   * The plugins whose grants have a say in this, whatever hooks they declare. Who may publish and subscribe
   * is what all grants are about; who receives is so only where one of them names it, or else a client that
   * was granted its topics would not hear them.
   */
  grantersOf(action: Action): readonly string[] {
    return action === 'receive' ? this.#receiveGranters : this.#granters
  }

  /** Null: the plugin has to be asked. */
  answerOf({ plugin, declares }: AdvanceVoter, inquiry: Inquiry): Advance | null {
    return this.#grantedBy(plugin.name, declares, inquiry) ?? this.#remembered(plugin, inquiry) ?? null
  }

  /**
   * Keeps a verdict that has `cacheMs`, and the tag of one that allows a subscription.
   *
   * @param askedAt on the monotonic clock in ms.
   */
  remember(plugin: Speaker, inquiry: Inquiry, verdict: Verdict, askedAt: number): void {
    const memory = this.#memory
    if (memory === null || this.#isClosed) return
    if (inquiry.action === 'subscribe' && verdict.verdict === 'allow')
      this.#tag(plugin.name, verdict.cacheTag)
    if (memory.isStale(plugin.name, askedAt)) return
    this.#cache ??= new VerdictCache(memory)
    this.#cache.keep(plugin, inquiry, verdict, performance.now())
    if (this.#cache.size > 0) this.isEmpty = false
  }

  /**
   * Forgets what one plugin has said: all of it, or what it said under one tag.
   *
   * @param tag null: all.
   */
  takeBack(plugin: string, tag: string | null): TakenBack {
    const verdicts = this.#cache?.drop(plugin, tag) ?? 0
    const granted = this.#grants?.get(plugin)
    const isGrant = granted !== undefined && granted.tree !== null && (tag === null || granted.tag === tag)
    if (isGrant) granted.tree = null
    return { verdicts, grants: isGrant, concerned: tag === null || isGrant || this.#isTagged(plugin, tag) }
  }

  /**
   * Forgets the grants that plugins took back between being asked for them and now: until its session begins,
   * a client is not there to be found by {@link takeBack}.
   */
  forgetOutdated(clientId: string): void {
    for (const [plugin, granted] of this.#grants ?? []) {
      const { tag, askedAt } = granted
      if (this.isTakenBack(plugin, { clientId, tag }, askedAt)) granted.tree = null
    }
  }

  /** Whether the plugin has taken back the grants that it had given. */
  hasLostGrants(plugin: string): boolean {
    return this.#grants?.get(plugin)?.tree === null
  }

  /**
   * Whether the plugin has taken anything back since, of whomever: an answer of before may be outdated.
   *
   * @param since on the monotonic clock in ms.
   */
  hasTakenBack(plugin: string, since: number): boolean {
    return this.#memory?.isStale(plugin, since) ?? false
  }

  /** Likewise, but of this client or under this tag alone. */
  isTakenBack(plugin: string, what: SaidOf, since: number): boolean {
    return this.#memory?.isTakenBack(plugin, what, since) ?? false
  }

  /** The connection has ended. Grants stay, for the will and for what the session is owed. */
  close(): void {
    this.#isClosed = true
    this.#cache?.clear()
    this.#cache = null
    this.isEmpty = this.#grants === null
  }

  #grantedBy(plugin: string, declares: boolean, inquiry: Inquiry): Advance | null {
    const granted = this.#grants?.get(plugin)
    if (granted === undefined || (inquiry.action === 'receive' && !granted.namesReceive)) return null
    if (granted.tree === null) return declares ? null : TAKEN_BACK
    switch (granted.tree.answer(inquiry)) {
      case 'allow':
        return ALLOWED
      case 'deny':
        return DENIED
      case 'none':
        return UNGRANTED
      case 'ask':
        return declares ? null : SILENT
    }
  }

  #remembered(plugin: Speaker, inquiry: Inquiry): Advance | null {
    const verdict = this.#cache?.find(plugin, inquiry, performance.now()) ?? null
    return verdict && { verdict, source: 'cache' }
  }

  #tag(plugin: string, tag: string | undefined): void {
    if (tag === undefined) return
    const byPlugin = (this.#tags ??= new Map<string, Set<string>>())
    const tags = byPlugin.get(plugin) ?? new Set()
    byPlugin.set(plugin, tags)
    if (tags.size <= TAGS_PER_CLIENT) tags.add(tag)
  }

  #isTagged(plugin: string, tag: string): boolean {
    const tags = this.#tags?.get(plugin)
    // with more than fit, any may have been among them
    return tags !== undefined && (tags.has(tag) || tags.size > TAGS_PER_CLIENT)
  }
}

/** Every standing is made here: the port's type alone is wider. */
export function standingOf(client: Client): Standing {
  return client.standing as Standing
}
