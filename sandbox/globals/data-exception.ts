import { blameCaller } from './blame-caller.ts'

/** The legacy codes of the two names that occur here [Web IDL, 2.8.1]. */
const CODES = { InvalidCharacterError: 5, DataCloneError: 25 } as const

/** What stands for a `DOMException` here: an Error with its `name` and `code`. */
export class DataException extends Error {
  readonly code: number

  /** @param callee the global that the stack is to blame the call of. */
  constructor(message: string, name: keyof typeof CODES, callee: (...args: never[]) => unknown) {
    super(message)
    this.code = CODES[name]
    Object.defineProperty(this, 'name', { value: name, configurable: true })
    blameCaller(this, callee)
  }
}
