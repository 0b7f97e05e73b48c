import type { AdminOptions } from './ask-admin.ts'

/** Prints an answer: as JSON if that was asked for, else as lines. */
export function show<Answer>(
  { json }: AdminOptions,
  answer: Answer,
  lines: (answer: Answer) => readonly string[],
): void {
  const text = json === true ? [JSON.stringify(answer ?? null, null, 2)] : lines(answer)
  if (text.length > 0) process.stdout.write(`${text.join('\n')}\n`)
}

/** Columns, as wide as the widest of each needs to be. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
