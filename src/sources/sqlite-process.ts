import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { AnswerSize } from './answer-size.ts'
import type { SqliteAsked, SqliteSaid } from './sqlite-messages.ts'

/**
 * Reads one SQLite file for the broker, in a process of its own: a statement that does not end holds its
 * thread in native code, where nothing but the end of the process stops it.
 */
function serve(database: DatabaseSync): void {
  const statements = new Map<string, StatementSync>()
  process.on('message', (asked: SqliteAsked) => {
    try {
      let statement = statements.get(asked.sql)
      if (statement === undefined) {
        statement = database.prepare(asked.sql)
        // a number that JavaScript cannot hold must not become another one
        statement.setReadBigInts(true)
        statements.set(asked.sql, statement)
      }
      say(answer(statement, asked))
    } catch (error) {
      const detail = textOf(error)
      say({ failed: detail.includes('too big') ? 'size' : 'query', detail })
    }
  })
}

function answer(statement: StatementSync, { values, maxRows, mostBytes }: SqliteAsked): SqliteSaid {
  const size = new AnswerSize(maxRows, mostBytes)
  const rows = []
  for (const row of statement.iterate(values)) {
    const plain = Object.fromEntries(Object.entries(row).map(([column, value]) => [column, toPlain(value)]))
    if (!size.add(plain)) return { failed: 'size', detail: '' }
    rows.push(plain)
  }
  return { rows }
}

function toPlain(value: bigint | number | string | Uint8Array | null): number | string | Uint8Array | null {
  if (typeof value !== 'bigint') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}

function say(said: SqliteSaid): void {
  process.send?.(said)
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

const [, , file = '', busyMs = '0', valueBytes = '0'] = process.argv
// the broker is gone: nobody asks any more
process.on('disconnect', () => process.exit())
try {
  serve(
    new DatabaseSync(file, {
      readOnly: true,
      timeout: Number(busyMs),
      limits: { length: Number(valueBytes) },
    }),
  )
  say({ ready: true })
} catch (error) {
  say({ failed: 'open', detail: textOf(error) })
  process.disconnect?.()
}
