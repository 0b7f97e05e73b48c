/**
 * Whether a topic filter of the directory allows all that `asked` can match. A topic name is a filter without
 * wildcards, so this one question serves publish, subscribe and receive alike [MQTT 5.0, 4.7].
 */
export function covers(filter: string, asked: string): boolean {
  const [rule, levels] = [filter.split('/'), asked.split('/')]
  for (const [index, ruleLevel] of rule.entries()) {
    const level = levels[index]
    // [MQTT-4.7.2-1] a wildcard in first place means no topic that begins with $
    if (index === 0 && (ruleLevel === '+' || ruleLevel === '#') && asked.startsWith('$')) return false
    // `home/#` means `home` as well
    if (ruleLevel === '#') return true
    if (level === undefined || level === '#') return false
    if (ruleLevel !== '+' && level !== ruleLevel) return false
  }
  return levels.length === rule.length
}
