import { createInterface } from 'node:readline/promises'
import { text } from 'node:stream/consumers'
import { BulkheadError } from '../../base/errors.ts'

/**
 * Asks whoever sits at the terminal; Enter alone is no.
 *
 * @throws BulkheadError ERR_USAGE: nobody sits there, and `--yes` was not given.
 */
export async function confirm(question: string, yes: boolean | undefined): Promise<boolean> {
  if (yes === true) return true
  if (!process.stdin.isTTY) throw new BulkheadError('ERR_USAGE', `${question} Say so with --yes.`)
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(?:es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim())
  } finally {
    terminal.close()
  }
}

/** A line that is not shown while it is typed; from a pipe, all of it. */
export async function readSecret(prompt: string): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).trim()
  // first of all: whoever types at the prompt is not shown
  process.stdin.setRawMode(true)
  process.stderr.write(prompt)
  let typed = ''
  try {
    for await (const chunk of process.stdin) {
      const said = String(chunk)
      // Ctrl-C and Ctrl-D
      if (said.includes('\u0003') || said.includes('\u0004')) break
      typed += said
      if (/[\r\n]/.test(said)) break
    }
  } finally {
    process.stdin.setRawMode(false)
    process.stdin.pause()
    process.stderr.write('\n')
  }
  return typed.trim()
}
