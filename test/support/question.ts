import type { Question } from '../../sandbox/host/questions/question.ts'

/** A question that is told from others by its slot. */
export function numbered(slot: number, change: Partial<Question> = {}): Question {
  const about = { hook: 1, subject: null, event: '{}', asker: null }
  return { ...about, slot, source: '', hops: 0, since: 0, askedAt: 0, returned: 0, ...change }
}
