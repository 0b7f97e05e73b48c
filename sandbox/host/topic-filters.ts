import { TOPIC_BYTES, TOPIC_LEVELS } from '../../src/base/limits.ts'
import { Mistake } from './fields.ts'

/**
 * Topic names and filters of MQTT [MQTT 5.0, 4.7], as far as grants need them: small and plain, since a grant
 * is the wall and the broker's trees are built for speed. Tested against those.
 */

/** Topics that belong to the broker; no plugin publishes there, whatever it was granted. */
const RESERVED: readonly string[] = ['$SYS', '$share']
/**
 * Levels like any other in MQTT. But who maps topics to paths must not be led out of what was granted.
 */
const UPWARD: readonly string[] = ['.', '..']

// oxlint-disable-next-line no-control-regex -- they are what it is about
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/

/** A topic name that a plugin may publish to, if it is granted. */
export function publishTopic(value: unknown): string | Mistake {
  const text = topicText(value, 'a topic name')
  if (text instanceof Mistake) return text
  if (/[+#]/.test(text)) return new Mistake(': must be a topic name, without wildcards')
  const levels = text.split('/')
  if (RESERVED.includes(levels[0] as string)) return new Mistake(`: is reserved: ${levels[0]}`)
  if (levels.some((level) => UPWARD.includes(level))) return new Mistake(': must have no level . or ..')
  return text
}

/** A topic filter that can be granted for publishing. */
export function publishFilter(value: unknown): string | Mistake {
  const text = topicText(value, 'a topic filter')
  if (text instanceof Mistake) return text
  const levels = text.split('/')
  if (RESERVED.includes(levels[0] as string)) return new Mistake(`: is never granted: ${levels[0]}`)
  return misplacedWildcard(levels) ?? text
}

/** Any topic name, for a look-up. */
export function topicName(value: unknown): string | Mistake {
  const text = topicText(value, 'a topic name')
  if (text instanceof Mistake || !/[+#]/.test(text)) return text
  return new Mistake(': must be a topic name, without wildcards')
}

/** Any topic filter, for a look-up; `$share` is a level like any other. */
export function topicFilter(value: unknown): string | Mistake {
  const text = topicText(value, 'a topic filter')
  return text instanceof Mistake ? text : (misplacedWildcard(text.split('/')) ?? text)
}

/** A topic filter that can be subscribed to, `$share/NAME/` before it included [MQTT 5.0, 4.8.2]. */
export function subscribeFilter(value: unknown): string | Mistake {
  const text = topicText(value, 'a topic filter')
  if (text instanceof Mistake) return text
  const [first, share, ...rest] = text.split('/')
  if (first !== '$share') return misplacedWildcard(text.split('/')) ?? text
  if (share === undefined || share === '' || /[+#]/.test(share) || rest.join('/') === '') {
    return new Mistake(': a shared subscription is $share/NAME/FILTER')
  }
  return misplacedWildcard(rest) ?? text
}

const PLACEHOLDER = /\{(?:clientId|username|tenant|attr\.[^{}/]+)\}/g

/**
 * A topic filter of a client's grants. A brace that belongs to no placeholder is a mistyped one, as likely as
 * not: a deny that nobody meets would open what it was to close.
 */
export function clientFilter(value: unknown): string | Mistake {
  const text = topicText(value, 'a topic filter')
  if (text instanceof Mistake) return text
  if (/[{}]/.test(text.replace(PLACEHOLDER, ''))) {
    return new Mistake(': the placeholders are {clientId}, {username}, {tenant} and {attr.NAME}')
  }
  const levels = text.split('/')
  if (levels[0] === '$share') return new Mistake(': has no $share; a grant names it in `share`')
  return misplacedWildcard(levels) ?? text
}

function topicText(value: unknown, what: string): string | Mistake {
  if (typeof value !== 'string' || value.length === 0 || value.length > TOPIC_BYTES) return mustBe(what)
  if (!value.isWellFormed() || CONTROL.test(value))
    return mustBe('well-formed text without control characters')
  if (Buffer.byteLength(value) > TOPIC_BYTES) return mustBe(what)
  if (value.split('/', TOPIC_LEVELS + 1).length > TOPIC_LEVELS) {
    return new Mistake(`: has more than ${TOPIC_LEVELS} levels`)
  }
  return value
}

function misplacedWildcard(levels: readonly string[]): Mistake | undefined {
  for (const [depth, level] of levels.entries()) {
    if (level.length > 1 && /[+#]/.test(level)) return new Mistake(': a wildcard fills its whole level')
    if (level === '#' && depth < levels.length - 1) return new Mistake(': # is the last level')
  }
  return undefined
}

function mustBe(what: string): Mistake {
  return new Mistake(`: must be ${what}`)
}

/** Whether there is a topic that both filters match. */
export function filtersMeet(one: string, other: string): boolean {
  return meet(one.split('/'), other.split('/'), 0)
}

function meet(one: readonly string[], other: readonly string[], depth: number): boolean {
  const [mine, yours] = [one[depth], other[depth]]
  if (depth === 0 && (isHidden(mine, yours) || isHidden(yours, mine))) return false
  // a filter that goes on with `/#` also matches where it would end
  if (mine === '#' || yours === '#') return true
  if (mine === undefined || yours === undefined) return mine === yours
  if (mine !== '+' && yours !== '+' && mine !== yours) return false
  return meet(one, other, depth + 1)
}

function isHidden(wildcard: string | undefined, level: string | undefined): boolean {
  return (wildcard === '+' || wildcard === '#') && level !== undefined && level.startsWith('$')
}
