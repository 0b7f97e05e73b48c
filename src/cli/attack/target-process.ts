import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { AuditRecord } from '../../index.ts'
import { BulkheadError } from '../../base/errors.ts'
import { TargetLog } from './target-log.ts'
import type { FromTarget, Health, Possessions, ToTarget } from './target-messages.ts'

const PROGRAM = fileURLToPath(new URL('target.ts', import.meta.url))

/** The broker that is attacked, in a process of its own: what it does to itself is seen from outside. */
export class TargetProcess {
  readonly log: TargetLog = new TargetLog()
  url = ''
  readonly #child: ChildProcess
  readonly #exited = Promise.withResolvers<never>()
  #marks = 0
  #last: Promise<unknown> = Promise.resolve()

  private constructor(child: ChildProcess) {
    this.#child = child
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.log.push(text))
    // whoever is not waiting when it dies finds out by what is asked next
    this.#exited.promise.catch(() => undefined)
    child.once('exit', (code, signal) => {
      this.#exited.reject(
        new BulkheadError('ERR_CELL', `the broker itself ended: ${signal ?? `exit code ${code}`}`),
      )
    })
  }

  /**
   * Starts a broker with this config.
   *
   * @throws BulkheadError ERR_CONFIG_INVALID when it does not start.
   */
  static async start(config: Readonly<Record<string, unknown>>): Promise<TargetProcess> {
    const target = new TargetProcess(
      fork(PROGRAM, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: ['--expose-gc'] }),
    )
    const answer = await target.#ask({ do: 'start', config })
    if (answer.is === 'started') target.url = answer.url
    else {
      target.kill()
      const why = answer.is === 'failed' ? answer.why : answer.is
      throw new BulkheadError('ERR_CONFIG_INVALID', `the broker to be attacked does not start: ${why}`)
    }
    return target
  }

  /** Waits until all that it logged so far has been read. */
  async mark(): Promise<void> {
    this.#marks += 1
    const mark = this.#marks
    await this.#ask({ do: 'mark', mark })
    await Promise.race([this.log.reached(mark), this.#exited.promise])
  }

  /** Its health since this was last asked; what it has not thrown away yet is thrown away before. */
  async weigh(): Promise<Health> {
    const answer = await this.#ask({ do: 'weigh' })
    return answer.is === 'weighed' ? answer.health : { lagMs: 0, blockedMs: 0, residentBytes: 0 }
  }

  /** What the broker's audit has of a tenant. */
  async audit(tenant: string): Promise<readonly AuditRecord[]> {
    const answer = await this.#ask({ do: 'audit', tenant })
    return answer.is === 'audited' ? answer.records : []
  }

  /** Stops the broker as its operator would, and tells what it held before it started and holds now. */
  async stop(): Promise<{ readonly before: Possessions; readonly after: Possessions } | undefined> {
    const answer = await this.#ask({ do: 'stop' })
    const exited = once(this.#child, 'exit')
    this.#child.disconnect()
    await exited
    return answer.is === 'stopped' ? answer : undefined
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** One question at a time: each is answered by one message. */
  #ask(message: ToTarget): Promise<FromTarget> {
    const answer = this.#last.then(() => this.#askNext(message))
    // the next one waits for this one however it ends; who asked hears of a failure
    this.#last = answer.catch(() => undefined)
    return answer
  }

  async #askNext(message: ToTarget): Promise<FromTarget> {
    const answered = once(this.#child, 'message') as Promise<[FromTarget]>
    this.#child.send(message)
    const [answer] = await Promise.race([answered, this.#exited.promise])
    return answer
  }
}
