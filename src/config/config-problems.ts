import { BulkheadError, type ErrorCode } from '../base/errors.ts'
import { CONFIG_PROBLEMS } from '../base/limits.ts'
import type { ConfigTree, Place } from './config-tree.ts'
import { dotted, type Pointer, parentPointer } from './pointer.ts'

interface Problem {
  readonly code: ErrorCode
  readonly place: Place | undefined
  readonly message: string
}

/** Gathers every mistake of a config, so that one refusal names them all. */
export class ConfigProblems {
  readonly #problems: Problem[] = []

  get any(): boolean {
    return this.#problems.length > 0
  }

  /** A mistake at a place that has no pointer: bad syntax, or a variable's name. */
  at(place: Place, message: string, code: ErrorCode = 'ERR_CONFIG_INVALID'): void {
    this.#problems.push({ code, place, message })
  }

  /** A mistake in the value at `pointer`. */
  atValue(tree: ConfigTree, pointer: Pointer, message: string, code: ErrorCode = 'ERR_CONFIG_INVALID'): void {
    const place = tree.values.get(pointer) ?? tree.keys.get(pointer)
    this.#problems.push({ code, place, message: pointer === '' ? message : `${dotted(pointer)}: ${message}` })
  }

  /** A mistake that is the key at `pointer` itself, or that it is missing. */
  atKey(tree: ConfigTree, pointer: Pointer, message: string, code: ErrorCode = 'ERR_CONFIG_INVALID'): void {
    const map = parentPointer(pointer)
    const place = tree.keys.get(pointer) ?? tree.keys.get(map) ?? tree.values.get(map)
    this.#problems.push({ code, place, message: map === '' ? message : `${dotted(map)}: ${message}` })
  }

  /**
   * Refuses the config if there was any mistake.
   *
   * @throws BulkheadError with one line a mistake, in the order of the file.
   */
  throwIfAny(): void {
    const [first] = this.#problems
    if (first === undefined) return
    const alike = this.#problems.every((problem) => problem.code === first.code)
    const ordered = this.#problems.toSorted((a, b) => orderOf(a) - orderOf(b))
    const lines = ordered.slice(0, CONFIG_PROBLEMS).map(lineOf)
    if (ordered.length > lines.length) lines.push(`… and ${ordered.length - lines.length} more`)
    throw new BulkheadError(alike ? first.code : 'ERR_CONFIG_INVALID', lines.join('\n'))
  }
}

function orderOf(problem: Problem): number {
  return problem.place?.order ?? Number.MAX_SAFE_INTEGER
}

function lineOf({ place, message }: Problem): string {
  return place === undefined ? message : `${place.origin} ${message}`
}
