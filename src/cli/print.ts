import { isatty } from 'node:tty'
import { createColors } from 'picocolors'
import { BulkheadError, messageOf } from '../base/errors.ts'
import { EXIT } from './exit-codes.ts'

const STDERR = 2

/**
 * Says on stderr what went wrong, and returns the exit code that it means. Several lines stand below each
 * other, so that editors and terminals find `FILE:LINE:COLUMN` in them. Only an error that is our own bug
 * shows its stack.
 */
export function printError(error: unknown): number {
  const { red } = createColors(isatty(STDERR))
  if (!(error instanceof BulkheadError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : messageOf(error)
    process.stderr.write(`${red('bulkhead:')} internal error: ${text}\n`)
    return EXIT.error
  }
  const lines = error.message.split('\n')
  const text = lines.length === 1 ? ` ${error.message}` : lines.map((line) => `\n  ${line}`).join('')
  process.stderr.write(`${red('bulkhead:')} ${error.code}:${text}\n`)
  return error.code === 'ERR_USAGE' ? EXIT.usage : EXIT.error
}

/** Shows a packet among the output, where mosquitto's clients show it too. */
export function printTrace(line: string): void {
  process.stdout.write(`${line}\n`)
}
