import type { QueryConfig } from '../../src/config/source-config.ts'
import type { Question } from '../../src/sources/source.ts'

/** A question to a database; what is not given is patient and generous. */
export function question(sql: string, change: Partial<QueryConfig> & Partial<Question> = {}): Question {
  const { parameters = [], maxRows = 10, ...rest } = change
  const query = { name: 'q', sql, parameters, maxRows }
  const { signal } = new AbortController()
  return { tenant: 'acme', query, values: [], mostBytes: 65_536, signal, ...rest }
}
