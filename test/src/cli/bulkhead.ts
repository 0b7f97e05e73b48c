import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { after } from 'node:test'

const MAIN = path.resolve(import.meta.dirname, '../../../src/cli/main.ts')

/** How a command ended, and what it said. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves when its output matches; rejects when it ends before. */
  said(text: RegExp): Promise<RegExpExecArray>
}

/** Starts `bulkhead` with these words as a user does, in an environment of its own. */
export function startBulkhead(
  words: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Running {
  const child = spawn(process.execPath, [MAIN, ...words], {
    stdio: 'pipe',
    env: { PATH: process.env['PATH'], ...options.env },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  })
  after(() => child.kill('SIGKILL'))
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const ended = once(child, 'close').then(
    ([code]): Ended => ({ code: code as number | null, stdout, stderr }),
  )
  const said = async (text: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = text.exec(stdout)
      if (match !== null) return match
      const more = once(child.stdout, 'data').then(() => true)
      if (!(await Promise.race([more, ended.then(() => text.test(stdout))]))) {
        throw new Error(`it ended without saying ${String(text)}: ${stdout}${stderr}`)
      }
    }
  }
  return { child, ended, said }
}

/** Runs `bulkhead` to its end, with `stdin` as its input. */
export function bulkhead(words: readonly string[], stdin = '', env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const { child, ended } = startBulkhead(words, { env })
  child.stdin?.end(stdin)
  return ended
}
