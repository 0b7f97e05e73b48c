/**
 * Whether a granted topic filter matches a topic name, as MQTT matches [MQTT 5.0, 4.7]: `+` one level, `#`
 * the rest, and no leading wildcard matches a topic that begins with `$`. The guest asks for the author's
 * sake; the host asks again, and its answer counts.
 */
export function topicMatches(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && !filter.startsWith('$')) return false
  const filterLevels = filter.split('/')
  const topicLevels = topic.split('/')
  for (let depth = 0; depth < filterLevels.length; depth += 1) {
    const level = filterLevels[depth]
    if (level === '#') return true
    if (depth >= topicLevels.length || (level !== '+' && level !== topicLevels[depth])) return false
  }
  return filterLevels.length === topicLevels.length
}
