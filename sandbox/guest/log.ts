import type { IsolateLimits } from '../wire/messages.ts'
import { bounded } from './describe-fault.ts'
import { define, freeze, toJson } from './primordials.ts'

type Level = 'debug' | 'info' | 'warn' | 'error'
const LEVELS: readonly Level[] = ['debug', 'info', 'warn', 'error']

type Write = (text: unknown, fields?: unknown) => void

/** Gathers a crossing's log lines as JSON text, within the budget of a question and of a frame. */
export class GuestLog {
  readonly #limits: IsolateLimits
  readonly #granted: boolean
  #lines = ''
  #dropped = 0
  /** How many lines may still pass. Set anew for each question, whatever the one before left. */
  budget = 0

  constructor(limits: IsolateLimits, granted: boolean) {
    this.#limits = limits
    this.#granted = granted
  }

  /** `,"l":[…],"d":N`, or '' when nothing was logged; starts anew. */
  take(): string {
    if (this.#lines === '' && this.#dropped === 0) return ''
    const side = `,"l":[${this.#lines}],"d":${this.#dropped}`
    this.#lines = ''
    this.#dropped = 0
    return side
  }

  /** `ctx.log`: one function a level. */
  facade(): Readonly<Record<Level, Write>> {
    const facade: Record<Level, Write> = {
      debug: this.#writer(0),
      info: this.#writer(1),
      warn: this.#writer(2),
      error: this.#writer(3),
    }
    return freeze(facade)
  }

  /** `console`: what authors reach for first. It goes to `ctx.log`, or is counted as dropped without it. */
  installConsole(): void {
    const writers = this.facade()
    const console = freeze({ ...writers, log: writers.info, trace: writers.debug })
    define(globalThis, 'console', { value: console, writable: true, configurable: true })
  }

  #writer(level: number): Write {
    return (text, fields) => this.#write(level, text, fields)
  }

  #write(level: number, text: unknown, fields: unknown): void {
    const limits = this.#limits
    if (!this.#granted || this.budget <= 0 || this.#lines.length > limits.logCharsPerFrame) {
      this.#dropped += 1
      return
    }
    this.budget -= 1
    const beside = fields === undefined ? '' : `,${fieldsJson(fields, limits.logFieldsChars)}`
    const line = `["${LEVELS[level]}",${toJson(bounded(text, limits.logTextChars))}${beside}]`
    this.#lines = this.#lines === '' ? line : `${this.#lines},${line}`
  }
}

/** The fields as JSON, or a note in their place: a log line must not be the reason for a refusal. */
function fieldsJson(fields: unknown, limit: number): string {
  try {
    const json = toJson(fields)
    if (json !== undefined && json.length <= limit) return json
    return json === undefined ? '{"fields":"not JSON"}' : '{"fields":"too large"}'
  } catch {
    return '{"fields":"not JSON"}'
  }
}
