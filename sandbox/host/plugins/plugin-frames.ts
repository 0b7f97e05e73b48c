import { TIMER } from '../../wire/messages.ts'
import type { CellProcess } from '../cells/cell-process.ts'
import type { PreparedPlugin, TenantSpec } from '../host-ports.ts'
import type { AnswerDesk } from '../questions/answer-desk.ts'
import { AskFrame, takeFrame } from '../questions/ask-frame.ts'
import type { QuestionQueue } from '../questions/question-queue.ts'
import { ResumeFrame } from '../questions/resume-frame.ts'
import { SubjectTable } from '../questions/subject-table.ts'
import { LoadJob, type LoadSink } from './load-job.ts'
import { loadBody } from './load-settings.ts'
import type { Tenure } from './tenure.ts'
import { UnloadJob } from './unload-job.ts'

/** What takes frames. */
type FrameTaker = Pick<CellProcess, 'submit'>

/** What is submitted to a cell for one plugin, each frame to its present isolate. */
export class PluginFrames {
  readonly #spec: TenantSpec
  readonly #plugin: PreparedPlugin
  readonly #instance: number
  readonly #tenure: Tenure
  readonly #desk: AnswerDesk
  readonly #queue: QuestionQueue
  readonly #subjects = new SubjectTable()

  constructor(
    spec: TenantSpec,
    plugin: PreparedPlugin,
    instance: number,
    tenure: Tenure,
    desk: AnswerDesk,
    queue: QuestionQueue,
  ) {
    this.#spec = spec
    this.#plugin = plugin
    this.#instance = instance
    this.#tenure = tenure
    this.#desk = desk
    this.#queue = queue
  }

  /** The next isolate. @returns false: what did not build has none. */
  load(cell: FrameTaker, sink: LoadSink): boolean {
    const { bundle } = this.#plugin
    if (bundle === null) return false
    const { limits } = this.#spec
    const unmeasuredMs = this.#tenure.next(performance.now())
    // the next isolate counts its timers anew: those of the last must not ring in it
    this.#queue.drop(TIMER)
    this.#subjects.clear()
    this.#desk.begin()
    // the making of the isolate, the crossing that evaluates, the one that collects promises
    const allowanceMs = 2 * limits.activateMs + limits.wallMs
    const job = new LoadJob(sink, 'load', this.#instance, this.#tenure.generation, allowanceMs)
    cell.submit(job, loadBody(this.#spec, this.#plugin, bundle.manifest, bundle.code, limits, unmeasuredMs))
    return true
  }

  /** What capability calls came to. @returns false: nothing. */
  resume(cell: FrameTaker): boolean {
    const resumed = this.#desk.takeResume()
    if (resumed === undefined) return false
    const { count, body } = resumed
    const { generation } = this.#tenure
    cell.submit(
      new ResumeFrame(this.#desk, this.#instance, generation, this.#spec.limits.wallMs, count),
      body,
    )
    return true
  }

  /** The next questions, as many as the isolate may have now. @returns false: none. */
  ask(cell: FrameTaker, now: number): boolean {
    const { isServing, generation } = this.#tenure
    const atMost = Math.min(this.#desk.room, this.#tenure.together(now))
    if (!isServing || this.#queue.length === 0 || atMost <= 0) return false
    const { questions, body } = takeFrame(this.#queue, this.#subjects, atMost)
    cell.submit(
      new AskFrame(this.#desk, this.#instance, generation, this.#spec.limits.wallMs, questions),
      body,
    )
    return true
  }

  /** @param unloaded is called when the isolate is gone, unless its cell goes with it. */
  unload(cell: FrameTaker, unloaded: () => void): void {
    cell.submit(new UnloadJob(this.#desk, this.#instance, this.#tenure.generation, unloaded), '')
  }
}
