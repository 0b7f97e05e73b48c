import path from 'node:path'
import { scaffold } from './scaffold.ts'

/** Writes a new plugin, and says what to do next. */
export async function init(folder: string): Promise<void> {
  const files = await scaffold(folder)
  const shown = path.relative(process.cwd(), folder) || '.'
  process.stdout.write(`${shown}: ${files.join(', ')}\n`)
  process.stdout.write(`  try it:  bulkhead plugin test ${shown}\n`)
}
