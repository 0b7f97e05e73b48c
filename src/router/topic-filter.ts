import { Buffer } from 'node:buffer'
import { TOPIC_BYTES, TOPIC_LEVELS } from '../base/limits.ts'

/** What a client calls the topics that its subscription brings it, where these are not the broker's names. */
export interface Renaming {
  /** The filter that the client asked for, without `$share/NAME/`. */
  readonly asked: string
  /** Of a topic that the filter matches; null: it has no name there, and does not reach the client. */
  nameOf(topic: string): string | null
}

/** A topic filter that the standard allows, taken apart. */
export interface ParsedFilter {
  /** The filter itself, without `$share/NAME/`. */
  readonly filter: string
  /** Empty: not shared. */
  readonly shareName: string
  readonly levels: readonly string[]
  readonly wildcard: boolean
  /** Of a filter that a plugin has put in place of another one; null: topics have their own names. */
  readonly renaming: Renaming | null
}

/** Why a topic filter is not one; the text may be shown to the client as a reason string. */
export interface FilterRefusal {
  readonly refusal: string
  /** It breaks the standard's own rules, not only a limit. */
  readonly malformed?: true
}

// C0, DEL and C1: the standard lets a server refuse them [MQTT-1.5.4-2], and no log or shell is glad of them
// oxlint-disable-next-line no-control-regex -- these are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/
const SHARE = '$share'

/** Takes a topic filter of SUBSCRIBE or UNSUBSCRIBE apart, or says why it is none. */
export function parseFilter(text: string): ParsedFilter | FilterRefusal {
  // [3.1.1 MQTT-4.7.3-3]
  if (Buffer.byteLength(text) > TOPIC_BYTES) return refuse(`a topic filter has at most ${TOPIC_BYTES} bytes`)
  if (CONTROL.test(text)) return refuse('a topic filter has no control characters')
  let filter = text
  let shareName = ''
  if (text === SHARE || text.startsWith(`${SHARE}/`)) {
    const end = text.indexOf('/', SHARE.length + 1)
    if (end === -1) return refuse('a shared subscription is $share/NAME/FILTER') // [MQTT-4.8.2-1]
    shareName = text.slice(SHARE.length + 1, end)
    if (shareName === '') return refuse('a share name is not empty') // [MQTT-4.8.2-1]
    if (hasWildcard(shareName)) return refuse('a share name has no wildcard') // [MQTT-4.8.2-2]
    filter = text.slice(end + 1)
  }
  if (filter === '') return refuse('a topic filter is not empty') // [MQTT-4.7.3-1]
  // two more than allowed are enough to see that there are too many
  const levels = filter.split('/', TOPIC_LEVELS + 2)
  const counted = levels.at(-1) === '' ? levels.length - 1 : levels.length
  if (counted > TOPIC_LEVELS) return refuse(`a topic filter has at most ${TOPIC_LEVELS} levels`)
  // [3.1.1 MQTT-3.8.3-2]
  const wildcard = hasWildcard(filter)
  if (wildcard) {
    for (const [depth, level] of levels.entries()) {
      // [MQTT-4.7.1-2], [MQTT-4.7.1-1]
      // [3.1.1 MQTT-4.7.1-2][3.1.1 MQTT-4.7.1-3]
      if (level.length > 1 && hasWildcard(level))
        return { refusal: 'a wildcard fills its whole level', malformed: true }
      if (level === '#' && depth !== levels.length - 1)
        return { refusal: '# is the last level', malformed: true }
    }
  }
  return { filter, shareName, levels, wildcard, renaming: null }
}

/** Whether a text breaks the standard's rules of topic filters; limits of the broker are none of these. */
export function isMalformedFilter(text: string): boolean {
  const parsed = parseFilter(text)
  return 'refusal' in parsed && parsed.malformed === true
}

/**
 * Whether a topic name matches a filter (without `$share`). The plain reading of the standard: good for one
 * question, and the oracle that the trees are tested against.
 */
export function filterMatches(filter: string, topic: string): boolean {
  const filterLevels = filter.split('/')
  const topicLevels = topic.split('/')
  if (startsWithWildcard(filter) && topic.startsWith('$')) return false // [MQTT-4.7.2-1]
  for (const [depth, level] of filterLevels.entries()) {
    if (level === '#') return true // also the parent level: sport/# matches sport
    if (depth >= topicLevels.length) return false
    if (level !== '+' && level !== topicLevels[depth]) return false
  }
  return filterLevels.length === topicLevels.length
}

/** Whether every topic that `inner` matches is matched by `outer` as well; both without `$share`. */
export function filterCovers(outer: string, inner: string): boolean {
  if (startsWithWildcard(outer) && inner.startsWith('$')) return false
  const outerLevels = firstLevelApart(outer)
  const innerLevels = firstLevelApart(inner)
  for (const [depth, level] of outerLevels.entries()) {
    if (level === '#') return true
    const innerLevel = innerLevels[depth]
    // an inner # also matches its parent, which has no level here
    if (innerLevel === undefined || innerLevel === '#') return false
    if (level !== '+' && level !== innerLevel) return false
  }
  return outerLevels.length === innerLevels.length
}

/**
 * A topic has at least one level, so `#` alone says the same as `+/#`; written so, levels compare one to one.
 */
function firstLevelApart(filter: string): readonly string[] {
  return filter === '#' ? ['+', '#'] : filter.split('/')
}

function startsWithWildcard(filter: string): boolean {
  return filter.startsWith('+') || filter.startsWith('#')
}

function hasWildcard(text: string): boolean {
  return text.includes('+') || text.includes('#')
}

function refuse(refusal: string): FilterRefusal {
  return { refusal }
}
