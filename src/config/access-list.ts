import { BulkheadError } from '../base/errors.ts'
import { ACL_RULES } from '../base/limits.ts'
import { readLines, type WrittenLine } from './read-lines.ts'

/** A rule as a grant of the router's. */
export interface AccessRule {
  readonly effect: 'allow' | 'deny'
  readonly actions: readonly ('publish' | 'subscribe' | 'receive')[]
  /** Its placeholders are those of grants. */
  readonly filter: string
}

const RULE = /^(topic|pattern)\s+(?:(readwrite|read|write|deny)\s+)?(\S.*)$/
const USER = /^user\s+(\S.*)$/
const ACTIONS = {
  read: ['receive'],
  write: ['publish'],
  readwrite: ['publish', 'receive'],
  deny: ['publish', 'receive'],
} as const

/** Subscribing is free, as in mosquitto: what a client may not read is not delivered to it. */
const SUBSCRIBE: readonly AccessRule[] = ['#', '$SYS/#'].map((filter) => ({
  effect: 'allow',
  actions: ['subscribe'],
  filter,
}))
/** No topic is empty: it allows nothing, but says that publishing and receiving are decided here. */
const DECIDES: AccessRule = { effect: 'allow', actions: ['publish', 'receive'], filter: '' }

/**
 * Who may publish and receive what, in the words of mosquitto's `acl_file`. What no rule allows is denied.
 * Unlike there, a denial always outweighs what is allowed, also that of a pattern a user's own topic.
 */
export class AccessList {
  /** By user; of '' those without a user name. */
  readonly #topics = new Map<string, AccessRule[]>()
  readonly #patterns: AccessRule[] = []
  #count = 0

  /** @throws BulkheadError ERR_CONFIG_INVALID with the place */
  constructor(lines: readonly WrittenLine[]) {
    let user = ''
    for (const { text, place } of lines) {
      const [, name] = USER.exec(text) ?? []
      if (name === undefined) this.#add(user, text, place)
      else user = name.trim()
    }
  }

  /** The rules that speak of a client. */
  rulesOf(username: string | undefined): readonly AccessRule[] {
    return [DECIDES, ...SUBSCRIBE, ...(this.#topics.get(username ?? '') ?? []), ...this.#patterns]
  }

  #add(user: string, text: string, place: string): void {
    const [, kind, access = 'readwrite', written = ''] = RULE.exec(text) ?? []
    if (kind === undefined)
      throw invalid(place, 'expected user NAME, or topic or pattern [read|write|readwrite|deny] FILTER')
    const isPattern = kind === 'pattern'
    const filter = isPattern ? filled(written.trim(), place) : written.trim()
    const why = filterMistake(filter)
    if (why !== undefined) throw invalid(place, why)
    if (!isPattern && PLACEHOLDER.test(filter)) throw invalid(place, 'a topic has no {placeholder}')
    const rules = isPattern ? this.#patterns : this.#topicsOf(user)
    const effect = access === 'deny' ? 'deny' : 'allow'
    rules.push({ effect, actions: ACTIONS[access as keyof typeof ACTIONS], filter })
    this.#count += 1
    if (this.#count > ACL_RULES.all) throw invalid(place, `there are more than ${ACL_RULES.all} rules`)
    if (rules.length > ACL_RULES.client / 2)
      throw invalid(place, `more than ${ACL_RULES.client / 2} rules of one user, or for all`)
  }

  #topicsOf(user: string): AccessRule[] {
    const known = this.#topics.get(user) ?? []
    this.#topics.set(user, known)
    return known
  }
}

/**
 * Reads a file in the format of mosquitto's `acl_file`.
 *
 * @throws BulkheadError ERR_CONFIG_READ, ERR_CONFIG_INVALID with the place
 */
export function readAccessList(file: string): AccessList {
  return new AccessList(readLines(file))
}

const PLACEHOLDER = /\{(?:clientId|username|tenant|attr\.[^{}]*)\}/

/** `%c` and `%u` are whole levels, as mosquitto's manual demands it. */
function filled(pattern: string, place: string): string {
  if (PLACEHOLDER.test(pattern)) throw invalid(place, 'a pattern has %c and %u, and no {placeholder}')
  const levels = pattern.split('/').map((level) => {
    if (level === '%c') return '{clientId}'
    if (level === '%u') return '{username}'
    if (/%[cu]/.test(level)) throw invalid(place, '%c or %u must be the whole level')
    return level
  })
  return levels.join('/')
}

function filterMistake(filter: string): string | undefined {
  const levels = filter.split('/')
  const isWrong = levels.some(
    (level, at) =>
      (level.includes('#') && (level !== '#' || at < levels.length - 1)) ||
      (level.includes('+') && level !== '+'),
  )
  return isWrong ? `${JSON.stringify(filter)} is no topic filter` : undefined
}

function invalid(place: string, why: string): BulkheadError {
  return new BulkheadError('ERR_CONFIG_INVALID', `${place} ${why}`)
}
