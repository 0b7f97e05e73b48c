import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { after } from 'node:test'
import { tempFolder } from './temp-folder.ts'

const MAIN = path.join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts')

/** A line of the log, as a machine reads it. */
export interface LogLine {
  readonly msg: string
  readonly plugin?: string
  readonly source?: string
  readonly why?: string
  readonly fields?: Readonly<Record<string, unknown>>
}

/** `bulkhead start -c FILE` in a process of its own: what it says on stdout, and its log. */
export class BrokerProcess {
  readonly child: ChildProcess
  readonly log: LogLine[] = []
  stdout = ''
  stderr = ''
  #wake: (() => void)[] = []
  #partial = ''

  private constructor(child: ChildProcess) {
    this.child = child
    child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString()
      this.#news()
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString()
      const lines = (this.#partial + chunk.toString()).split('\n')
      this.#partial = lines.pop() ?? ''
      for (const line of lines) if (line.startsWith('{')) this.log.push(JSON.parse(line) as LogLine)
      this.#news()
    })
    child.once('close', () => this.#news())
    after(() => child.kill('SIGKILL'))
  }

  /**
   * Writes `config` to a file beside `files`, and starts a broker with it; does not wait for anything.
   *
   * @param through a program that becomes the one that it is given to run. Default: none.
   */
  static spawn(
    config: object,
    files: Readonly<Record<string, string>> = {},
    env: NodeJS.ProcessEnv = process.env,
    through: readonly string[] = [],
  ): BrokerProcess {
    // JSON is YAML
    const folder = tempFolder({ ...files, 'broker.yaml': JSON.stringify(config) })
    const args = [MAIN, 'start', '-c', path.join(folder, 'broker.yaml')]
    const stdio = ['ignore', 'pipe', 'pipe'] as const
    const [file = '', ...rest] = [...through, process.execPath, ...args]
    return new BrokerProcess(spawn(file, rest, { stdio: [...stdio], env }))
  }

  /** The same, and waits until it listens. */
  static async start(
    config: object,
    files: Readonly<Record<string, string>> = {},
    env: NodeJS.ProcessEnv = process.env,
    through: readonly string[] = [],
  ): Promise<BrokerProcess> {
    const broker = BrokerProcess.spawn(config, files, env, through)
    await broker.until(() => broker.stdout.includes('  jail  '))
    return broker
  }

  /** Where its first TCP listener is. */
  get port(): number {
    return Number(/mqtt:\/\/127\.0\.0\.1:(\d+)/.exec(this.stdout)?.[1])
  }

  /** Resolves as soon as `condition` holds; it is looked at whenever the process says something, or ends. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.child.exitCode !== null) throw new Error(`the broker has ended: ${this.stdout}${this.stderr}`)
      await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
  }

  /** Sends the signal, and returns the exit code once all that it said has been read. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const closed = once(this.child, 'close')
    this.child.kill(signal)
    const [code] = (await closed) as [number | null]
    return code
  }

  #news(): void {
    const woken = this.#wake
    this.#wake = []
    for (const wake of woken) wake()
  }
}

/** Where a broker listens that says so on this stdout. */
export async function portIn(stdout: AsyncIterable<Buffer> | null): Promise<number> {
  let said = ''
  for await (const chunk of stdout ?? []) {
    said += chunk.toString()
    const port = /mqtt:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1]
    if (port !== undefined) return Number(port)
  }
  throw new Error(`the broker has ended: ${said}`)
}
