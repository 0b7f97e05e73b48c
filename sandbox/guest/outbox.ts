import type { IsolateLimits } from '../wire/messages.ts'
import type { Call } from './call.ts'
import { bounded } from './describe-fault.ts'
import { emptyRecord, newPromise, sliceText, toJson, whenSettled } from './primordials.ts'
import { refusal } from './refusal.ts'

/** A capability call that the host has not answered yet. */
interface Outstanding {
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
  /** Makes what the plugin gets of what the host sent. */
  readonly read: (value: unknown) => unknown
}

/** A call that has not left yet; its caller may have ended when it does. */
interface Unsent {
  readonly caller: Call | undefined
  readonly call: number
  readonly json: string
  next: Unsent | undefined
}

/**
 * What a plugin wants of the host, gathered during a crossing and taken along at its end. Lists are linked
 * and records have no prototype: an index or an iterator is something that a plugin can redefine.
 */
export class Outbox {
  readonly #limits: IsolateLimits
  readonly #outstanding = emptyRecord<Outstanding>()
  #awaited = 0
  #lastNumber = 0
  #lastCall = 0
  #firstUnsent: Unsent | undefined
  #lastUnsent: Unsent | undefined
  #effects = ''
  #notes = ''
  #notesLeft: number
  #ordersLeft: number
  /** Of what was asked since the last take. */
  #chars = 0
  /** Of effects whose calls have not ended. */
  #held = 0

  constructor(limits: IsolateLimits) {
    this.#limits = limits
    this.#notesLeft = limits.publishesPerCall
    this.#ordersLeft = limits.ordersPerCrossing
  }

  /** Calls that somebody may be waiting for. */
  get awaited(): number {
    return this.#awaited
  }

  /** Characters that wait to be taken. */
  get length(): number {
    return this.#chars
  }

  /** Gives the call the number under which the host will know it. */
  number(call: Call): number {
    if (call.number === 0) call.number = this.#lastNumber += 1
    return call.number
  }

  /**
   * Asks the host.
   *
   * @param read what the promise comes to, made of what the host sends.
   * @throws CapabilityError past the call's budget, or after its end.
   */
  ask(caller: Call, power: string, argument: object, read: (value: unknown) => unknown): Promise<unknown> {
    const json = this.#admit(caller, power, argument)
    if (caller.callsLeft === 0) {
      const most = this.#limits.capabilityCallsPerCall
      throw refusal('limit', `ctx.${power}: a call may use powers ${most} times`)
    }
    if (this.#awaited >= this.#limits.callsUnderWay) {
      throw refusal('limit', `ctx.${power}: too many calls of this plugin are under way`)
    }
    caller.callsLeft -= 1
    this.number(caller)
    const call = this.#send(caller, json)
    const promise = newPromise((resolve, reject) => {
      this.#outstanding[call] = { resolve, reject, read }
    })
    this.#awaited += 1
    // one that nobody awaits must not end as an unhandled rejection
    whenSettled(promise, ignore, ignore)
    return promise
  }

  /**
   * Tells the host; nobody waits for what comes of it.
   *
   * @throws CapabilityError past the crossing's budget.
   */
  order(power: string, argument: object): void {
    if (this.#ordersLeft === 0) throw refusal('limit', `ctx.${power}: too often at once`)
    const json = this.#json(power, argument)
    this.#ordersLeft -= 1
    this.#send(undefined, json)
  }

  /**
   * Leaves something to be done when the call ends well.
   *
   * @throws CapabilityError past the call's budget, or after its end.
   */
  leave(caller: Call, power: 'publish' | 'metrics', argument: object): void {
    const json = this.#admit(caller, power, argument)
    if (caller.left[power] === 0) throw refusal('limit', `ctx.${power}: too often in one call`)
    if (this.#held + json.length > this.#limits.outboxChars) {
      throw refusal('limit', `ctx.${power}: too much waits for its call to end`)
    }
    this.#held += json.length
    caller.left[power] -= 1
    caller.effects = { json, next: caller.effects }
  }

  /** Something was refused in here: the audit hears of it. A few a crossing are enough. */
  note(power: string, text: string): void {
    if (this.#notesLeft === 0) return
    this.#notesLeft -= 1
    this.#notes += `,[${toJson(power)},${toJson(bounded(text, this.#limits.detailChars))}]`
  }

  /** The call has ended. @param place of its answer in the frame; undefined: it did not end well. */
  end(caller: Call, place: number | undefined): void {
    let text = ''
    for (let effect = caller.effects; effect !== undefined; effect = effect.next) {
      text = `,[${place},${effect.json}]${text}`
      this.#held -= effect.json.length
    }
    if (place !== undefined) this.#effects += text
    caller.effects = undefined
    caller.ended = true
  }

  /** What the host made of a call. Continuations run when the crossing ends. */
  answered(call: number, ok: boolean, value: unknown): void {
    const outstanding = this.#outstanding[call]
    if (outstanding === undefined) return
    delete this.#outstanding[call]
    this.#awaited -= 1
    if (ok) resolveWith(outstanding, value)
    else {
      const { code, message } = value as { code: string; message: string }
      outstanding.reject(refusal(code, message))
    }
  }

  /** `,"c":[…],"x":[…],"n":[…]`, as far as there is any; starts anew. */
  take(): string {
    if (this.#chars === 0 && this.#effects === '' && this.#notes === '') return ''
    let calls = ''
    for (let unsent = this.#firstUnsent; unsent !== undefined; unsent = unsent.next) {
      const { caller, call, json } = unsent
      calls += `,[${call},${caller === undefined || caller.ended ? 0 : caller.number},${json}]`
    }
    const side = listText('c', calls) + listText('x', this.#effects) + listText('n', this.#notes)
    this.#firstUnsent = this.#lastUnsent = undefined
    this.#effects = this.#notes = ''
    this.#notesLeft = this.#limits.publishesPerCall
    this.#ordersLeft = this.#limits.ordersPerCrossing
    this.#chars = 0
    return side
  }

  #admit(caller: Call, power: string, argument: object): string {
    if (caller.ended) {
      throw refusal('notAllowed', `ctx.${power}: the call that this ctx belongs to has ended`)
    }
    return this.#json(power, argument)
  }

  #json(power: string, argument: object): string {
    // the argument is text within the text: the host weighs each before it parses it
    const json = `${toJson(power)},${toJson(toJson(argument))}`
    this.#chars += json.length
    if (json.length > this.#limits.argumentChars || this.#chars > this.#limits.outboxChars) {
      throw refusal('limit', `ctx.${power}: what it was given is too large`)
    }
    return json
  }

  #send(caller: Call | undefined, json: string): number {
    const unsent: Unsent = { caller, call: (this.#lastCall += 1), json, next: undefined }
    if (this.#lastUnsent === undefined) this.#firstUnsent = unsent
    else this.#lastUnsent.next = unsent
    this.#lastUnsent = unsent
    return unsent.call
  }
}

/** What reads a result uses what a plugin may have spoilt: that is one call's failure, not the frame's. */
function resolveWith({ read, resolve, reject }: Outstanding, value: unknown): void {
  try {
    resolve(read(value))
  } catch (error) {
    reject(error)
  }
}

function listText(key: string, elements: string): string {
  return elements === '' ? '' : `,"${key}":[${sliceText(elements, 1)}]`
}

function ignore(): void {}
