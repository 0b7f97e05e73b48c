import { TOPIC_LEVELS } from '../base/limits.ts'
import { fillFilter, type GrantValues } from './fill-filter.ts'
import { TopicNode } from './topic-node.ts'

type Action = 'publish' | 'subscribe' | 'receive'

/** A standing answer to a kind of question; what is left out does not matter. */
export interface GrantRule {
  readonly effect: 'allow' | 'deny' | 'ask'
  readonly actions: readonly Action[]
  /** A topic filter; its placeholders are not filled in yet. */
  readonly filter: string
  /** Of the message; of a subscription: that is asked for. */
  readonly qos?: readonly (0 | 1 | 2)[]
  /** The message's flag; subscriptions have none. */
  readonly retain?: boolean
  /** Subscriptions alone: shared or not, or the share name. */
  readonly share?: boolean | string
}

/** What is asked of a tree: one thing that the client wants to do. */
export interface GrantInquiry {
  readonly action: Action
  /** A topic name; for subscribe a topic filter, without `$share/NAME/`. */
  readonly topic: string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  /** '': not shared. */
  readonly share: string
}

/** What a tree answers; `none`: no grant speaks of it. */
export type GrantAnswer = 'none' | 'allow' | 'ask' | 'deny'

/** Ordered: of the grants that speak of one thing the greatest counts. */
const Effect = { none: 0, allow: 1, ask: 2, deny: 3 } as const
const ANSWERS: readonly GrantAnswer[] = ['none', 'allow', 'ask', 'deny']
const ACTION_BIT = { publish: 1, subscribe: 2, receive: 4 } as const

/**
 * The grants that one plugin gave one client, by the levels of their filters. Deny beats ask, ask beats
 * allow. To subscribe, an allow must cover the whole filter that is asked for, while a deny or an ask speaks
 * as soon as it overlaps it; what several allows cover together, none of them does.
 */
export class GrantTree {
  readonly #root = new GrantNode('')
  /** Behind a first level that could not be filled in: a deny that might mean any topic, `$` included. */
  #anyFirst: GrantNode | null = null
  /** The actions that any of the grants names. */
  readonly #actions: number

  constructor(rules: readonly GrantRule[], values: GrantValues) {
    for (const rule of rules) this.#add(rule, values)
    this.#actions = rules.reduce((bits, { actions }) => bits | bitsOf(actions), 0)
  }

  /** Whether there are grants about this action, for whatever topics. */
  names(action: Action): boolean {
    return (this.#actions & ACTION_BIT[action]) !== 0
  }

  answer(inquiry: GrantInquiry): GrantAnswer {
    const walk = new Walk(inquiry)
    walk.visit(this.#root, 0, true)
    if (this.#anyFirst !== null) walk.visit(this.#anyFirst, 1, false)
    return ANSWERS[walk.effect] as GrantAnswer
  }

  #add(rule: GrantRule, values: GrantValues): void {
    const { levels, unfilled } = fillFilter(rule.filter, values)
    // nobody knows whom it means: it allows nothing, and refuses whoever it might mean
    if (unfilled.length > 0 && rule.effect === 'allow') return
    let node = this.#root
    for (const [depth, level] of levels.entries()) {
      if (depth === 0 && unfilled[0] === 0) node = this.#anyFirst ??= new GrantNode('')
      else if (level !== '#') node = node.stepOrNew(level)
    }
    if (levels.at(-1) === '#') node.below = [...node.below, new CompiledRule(rule)]
    else node.here = [...node.here, new CompiledRule(rule)]
  }
}

/** A rule as it is looked at for each question: sets as bits. */
class CompiledRule {
  readonly effect: number
  readonly #actions: number
  readonly #qos: number
  readonly #retain: boolean | undefined
  readonly #share: boolean | string | undefined

  constructor({ effect, actions, qos = [0, 1, 2], retain, share }: GrantRule) {
    this.effect = Effect[effect]
    this.#actions = bitsOf(actions)
    this.#qos = qos.reduce<number>((bits, each) => bits | (1 << each), 0)
    this.#retain = retain
    this.#share = share
  }

  speaksOf({ action, qos, retain, share }: GrantInquiry): boolean {
    if ((this.#actions & ACTION_BIT[action]) === 0 || (this.#qos & (1 << qos)) === 0) return false
    if (action !== 'subscribe') return this.#retain === undefined || this.#retain === retain
    if (this.#share === undefined) return true
    return typeof this.#share === 'string' ? this.#share === share : this.#share === (share !== '')
  }
}

const NO_RULES: readonly CompiledRule[] = Object.freeze([])

/** Where filters meet that begin with the same levels. */
class GrantNode extends TopicNode<GrantNode> {
  plus: GrantNode | null = null
  /** Of filters that end with this level … */
  here: readonly CompiledRule[] = NO_RULES
  /** … and of those that go on with `/#`. */
  below: readonly CompiledRule[] = NO_RULES

  stepOrNew(level: string): GrantNode {
    const known = level === '+' ? this.plus : this.child(level)
    if (known !== null && known !== undefined) return known
    const node = new GrantNode(level)
    if (level === '+') this.plus = node
    else this.adopt(node)
    return node
  }
}

/** One topic is asked about for many recipients and plugins in a row. */
let lastTopic = ''
let lastLevels: readonly string[] = ['']

function levelsOf(topic: string): readonly string[] {
  if (topic !== lastTopic) {
    // a topic has one level at least, so that # says the same as +/#: written so, levels compare one to one
    lastLevels = topic === '#' ? ['+', '#'] : topic.split('/', TOPIC_LEVELS + 2)
    lastTopic = topic
  }
  return lastLevels
}

/**
 * One walk over the tree, for a topic name or a filter: a name is a filter without wildcards, which meets
 * what covers it. No node is visited twice, and no path is deeper than the filters are.
 */
class Walk {
  effect: number = Effect.none
  readonly #inquiry: GrantInquiry
  readonly #levels: readonly string[]
  /** Leading wildcards do not reach topics that begin with $ [MQTT-4.7.2-1]. */
  readonly #dollar: boolean

  constructor(inquiry: GrantInquiry) {
    const { topic } = inquiry
    this.#inquiry = inquiry
    this.#levels = levelsOf(topic)
    this.#dollar = topic.startsWith('$')
  }

  /** @param covers the way here covers the levels so far, not only some of what they match. */
  visit(node: GrantNode, depth: number, covers: boolean): void {
    const wildcards = depth > 0 || !this.#dollar
    if (wildcards) this.#take(node.below, covers)
    const level = this.#levels[depth]
    if (level === undefined) this.#take(node.here, covers)
    else if (level === '#') this.#takeAll(node)
    else {
      if (level === '+') this.#visitChildren(node, depth)
      else this.#visitChild(node.child(level), depth, covers)
      if (wildcards) this.#visitChild(node.plus ?? undefined, depth, covers)
    }
  }

  #visitChild(node: GrantNode | undefined, depth: number, covers: boolean): void {
    if (node !== undefined && this.effect < Effect.deny) this.visit(node, depth + 1, covers)
  }

  #visitChildren(node: GrantNode, depth: number): void {
    node.everyChild((child) => {
      if (depth > 0 || !child.level.startsWith('$')) this.#visitChild(child, depth, false)
      return this.effect < Effect.deny
    })
  }

  /** `#` meets all that is here and below, and is covered by nothing but another `#`. */
  #takeAll(node: GrantNode): void {
    this.#take(node.here, false)
    this.#take(node.below, false)
    if (this.effect === Effect.deny) return
    node.everyChild((child) => {
      this.#takeAll(child)
      return this.effect < Effect.deny
    })
    if (node.plus !== null) this.#takeAll(node.plus)
  }

  #take(rules: readonly CompiledRule[], covers: boolean): void {
    for (const rule of rules) {
      const counts = covers || rule.effect !== Effect.allow
      if (counts && rule.effect > this.effect && rule.speaksOf(this.#inquiry)) this.effect = rule.effect
    }
  }
}

function bitsOf(actions: readonly Action[]): number {
  return actions.reduce((bits, action) => bits | ACTION_BIT[action], 0)
}
