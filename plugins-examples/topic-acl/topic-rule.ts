/**
 * A topic filter of the options, split into its levels; `{username}` and `{clientId}` stand for the client's
 * own.
 */
export type TopicRule = readonly string[]

/** Who asks: what the placeholders stand for. */
export interface Asking {
  readonly principal: string
  readonly clientId: string
}

export function parseRule(filter: string): TopicRule {
  return filter.split('/')
}

/**
 * Whether the rule allows all that `asked` can match. A topic name is a filter without wildcards, so this one
 * question serves publish and subscribe alike [MQTT 5.0, 4.7].
 */
export function covers(rule: TopicRule, asked: string, asking: Asking): boolean {
  const levels = asked.split('/')
  for (const [index, ruleLevel] of rule.entries()) {
    const level = levels[index]
    // [MQTT-4.7.2-1] a wildcard in first place means no topic that begins with $
    if (isWildcard(ruleLevel) && index === 0 && asked.startsWith('$')) return false
    // `home/#` means `home` as well
    if (ruleLevel === '#') return true
    if (level === undefined || level === '#') return false
    if (ruleLevel === '+') continue
    if (level !== fill(ruleLevel, asking)) return false
  }
  return levels.length === rule.length
}

function isWildcard(level: string): boolean {
  return level === '+' || level === '#'
}

/** A name that brings its own `/` or wildcard would reach further than its level: it fits nothing. */
function fill(level: string, { principal, clientId }: Asking): string | undefined {
  if (!level.includes('{')) return level
  if (/[/+#]/.test(level.includes('{username}') ? principal : clientId)) return undefined
  return level.replace('{username}', () => principal).replace('{clientId}', () => clientId)
}
