import { ANSWER, type IsolateLimits } from '../wire/messages.ts'
import { faultJson } from './describe-fault.ts'
import { HOOKS } from '../sdk/hooks.ts'
import {
  emptyRecord,
  encodeBase64,
  isBytes,
  isFrozen,
  ownDescriptor,
  ownKeys,
  toJson,
  toJsonWith,
} from './primordials.ts'

type Plain = 'allow' | 'abstain' | 'deny'
const PLAIN_JSON: Readonly<Record<string, number | undefined>> = {
  __proto__: null as never,
  '{"verdict":"allow"}': ANSWER.allow,
  '{"verdict":"abstain"}': ANSWER.abstain,
  '{"verdict":"deny"}': ANSWER.deny,
}

/**
 * Turns what a hook returned into one element of the answers' JSON. Each value is serialised once and never
 * looked at again, so that a getter that changes its mind changes nothing.
 */
export class AnswerWriter {
  readonly #limits: IsolateLimits
  /**
   * Frozen verdicts that have nothing but `verdict`, as the SDK's builders return them: known by identity.
   */
  allow: unknown = NONE
  #abstain: unknown = NONE
  #deny: unknown = NONE

  constructor(limits: IsolateLimits) {
    this.#limits = limits
  }

  /**
   * @param value anything but a promise.
   * @param hook by number: some answers may have bytes in them.
   */
  write(value: unknown, hook: number): string {
    if (value === this.allow || value === true) return '1'
    if (value === this.#abstain || value === null) return '2'
    if (value === this.#deny || value === false) return '3'
    if (typeof value !== 'object') return this.#bad(describeWrong(value))
    this.#learn(value)
    const json = BYTES_IN[hook] === true ? toJsonWith(value, withoutBytes) : toJson(value)
    if (json === undefined) return this.#bad('the verdict is not JSON')
    const plain = json.length < 24 ? PLAIN_JSON[json] : undefined
    if (plain !== undefined) return `${plain}`
    if (json.length > this.#limits.verdictChars) {
      return this.#bad(`the verdict is larger than ${this.#limits.verdictChars / 1024} KiB`)
    }
    // an own toJSON may have made anything of it; the element must not be taken for a number or a fault
    if (json[0] !== '{') return this.#bad('the verdict is not an object')
    return json.length > this.#limits.inlineChars ? (toJson(json) as string) : json
  }

  #bad(detail: string): string {
    return faultJson('bad-verdict', detail, this.#limits.detailChars)
  }

  /** Frozen and with one data property, it will be the same for ever: next time its identity is enough. */
  #learn(value: object): void {
    if (!isFrozen(value)) return
    const keys = ownKeys(value)
    if (keys.length !== 1 || keys[0] !== 'verdict') return
    // a getter's description has no value of its own, but may inherit one that the plugin has planted
    const property = ownDescriptor(value, 'verdict') as PropertyDescriptor
    const verdict = ownDescriptor(property, 'value')?.value as Plain | undefined
    if (verdict === 'allow') this.allow = value
    else if (verdict === 'abstain') this.#abstain = value
    else if (verdict === 'deny') this.#deny = value
  }
}

/** Whether an element is an answer, and not a fault: a long verdict is text as well, but begins like one. */
export function isAnswer(element: string): boolean {
  return element[0] !== '"' || element[1] === '{'
}

/** The hooks whose answers may carry bytes: these are asked for seldom, or change a message anyway. */
const BYTES_IN = emptyRecord<true>()
BYTES_IN[HOOKS.indexOf('authenticate')] = true
BYTES_IN[HOOKS.indexOf('authorizeReceive')] = true
BYTES_IN[HOOKS.indexOf('authorizeWill')] = true
BYTES_IN[HOOKS.indexOf('transformMessage')] = true

/** Bytes travel as base64, in an object of their own: text in their place is text. */
function withoutBytes(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !isBytes(value)) return value
  return { bytes64: encodeBase64(value as Uint8Array) }
}

/** Equal to nothing that a plugin can return. */
const NONE: unknown = Object.freeze({})

function describeWrong(value: unknown): string {
  if (value === undefined)
    return 'the hook returned undefined: forgot return? use abstain() to have no opinion'
  return `the hook returned a ${typeof value}: a verdict is an object, true, false or null`
}
