import { indexInText, sliceText, toJson, toText, unitAt } from './primordials.ts'

/** The name under which the plugin's code was evaluated: what its stack frames begin with. */
export const PLUGIN_URL = 'plugin:main'

/** How one question ended if not with an answer; the words are those of outcome.ts. */
export type FaultWord = 'threw' | 'unsettled' | 'bad-verdict'

/** A fault as an element of the answers' JSON: `"threw:message (plugin:main:3:14)"`. */
export function faultJson(word: FaultWord, detail: string, limit: number): string {
  return toJson(`${word}:${sliceText(detail, 0, limit)}`) as string
}

/**
 * What a plugin threw, as one bounded line with the first place in the plugin's own code. Reading an error
 * runs plugin code (getters): that is why it happens here, inside the timed crossing.
 */
export function describeThrown(thrown: unknown, limit: number): string {
  try {
    if (typeof thrown !== 'object' || thrown === null)
      return `a thrown ${typeof thrown}: ${bounded(thrown, limit)}`
    const { name, message, stack } = thrown as { name?: unknown; message?: unknown; stack?: unknown }
    const place = typeof stack === 'string' ? placeIn(stack) : ''
    const text = typeof message === 'string' ? bounded(message, limit) : 'an object that is not an error'
    const kind = typeof name === 'string' && name !== 'Error' ? `${bounded(name, 40)}: ` : ''
    // '' would be no fault at all where the absence of one is what counts
    if (place === '') return kind + text === '' ? 'an error that says nothing' : kind + text
    return `${sliceText(kind + text, 0, limit - place.length - 3)} (${place})`
  } catch {
    // the error fights back: its own getters throw. That it threw is all there is to say.
    return 'an error that cannot be read'
  }
}

/** Any value as bounded text. */
export function bounded(value: unknown, limit: number): string {
  try {
    return sliceText(typeof value === 'string' ? value : toText(value), 0, limit)
  } catch {
    return `a ${typeof value} that has no text`
  }
}

/** The first `plugin:main:LINE:COLUMN` of a stack, or ''. */
function placeIn(stack: string): string {
  const start = indexInText(stack, `${PLUGIN_URL}:`)
  if (start < 0) return ''
  let end = start + PLUGIN_URL.length
  while (isDigitOrColon(unitAt(stack, end))) end += 1
  return sliceText(stack, start, end)
}

function isDigitOrColon(unit: number): boolean {
  return unit >= 48 && unit <= 58
}
