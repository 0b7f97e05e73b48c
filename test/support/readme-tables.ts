import { ERRORS } from '../../src/base/errors.ts'

/** The README's table of errors, as Markdown: one row a code. */
export function errorTable(errors: Readonly<Record<string, string>>): string {
  const rows = Object.entries(errors).map(([code, meaning]) => `| ${code} | ${meaning} |`)
  return ['| Code | What it means and what to do |', '|---|---|', ...rows].join('\n')
}

// run as a program it prints what belongs into the README
if (import.meta.main) process.stdout.write(`${errorTable(ERRORS)}\n`)
