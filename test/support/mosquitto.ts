import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { after } from 'node:test'

/** Why tests with Debian's clients are skipped here, or false. */
export const NO_MOSQUITTO: string | false =
  spawnSync('stdbuf', ['-oL', 'mosquitto_pub', '--help']).error === undefined
    ? false
    : 'mosquitto-clients is not installed'

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program of Debian's mosquitto-clients to its end. */
export async function run(
  program: 'mosquitto_pub' | 'mosquitto_sub',
  port: number,
  args: readonly string[],
): Promise<Finished> {
  const child = start(program, port, args)
  const output = collect(child)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...output() }
}

/** A running mosquitto_sub that has its subscription. */
export interface Subscriber {
  /** Its lines so far, and those to come until there are `count`. */
  lines(count: number): Promise<readonly string[]>
  readonly child: ChildProcess
}

/** Starts mosquitto_sub and waits for its SUBACK. */
export async function subscribe(port: number, args: readonly string[]): Promise<Subscriber> {
  const child = start('mosquitto_sub', port, ['-d', ...args])
  const lines: string[] = []
  let wake: (() => void) | null = null
  const { promise: subscribed, resolve } = Promise.withResolvers<void>()
  let rest = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) {
      if (line.includes('received SUBACK') || line.startsWith('Subscribed')) resolve()
      else if (!/^(Client|Subscribed)/.test(line)) lines.push(line)
    }
    wake?.()
  })
  // not its exit, after which what it wrote last is still on its way
  const ended = once(child, 'close').then(() => 'ended' as const)
  child.once('close', () => resolve())
  await subscribed
  return {
    child,
    async lines(count) {
      while (lines.length < count) {
        const heard = new Promise<void>((go) => {
          wake = go
        })
        if ((await Promise.race([ended, heard])) === 'ended') break
      }
      return lines
    },
  }
}

function start(program: string, port: number, args: readonly string[]): ChildProcess {
  // line by line: into a pipe, libc would keep the lines to itself until they fill a block
  const child = spawn('stdbuf', ['-oL', program, '-h', '127.0.0.1', '-p', String(port), ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  after(() => child.kill())
  return child
}

function collect(child: ChildProcess): () => { stdout: string; stderr: string } {
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  return () => ({ stdout, stderr })
}
