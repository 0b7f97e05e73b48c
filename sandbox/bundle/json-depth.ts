import { BUNDLE_FILE_DEPTH } from '../limits.ts'

/**
 * Whether JSON nests so deep that no bundle does: parsing it would use up the stack. Brackets within strings
 * are text, such as a plugin's code.
 */
export function jsonNestsTooDeep(json: string): boolean {
  let open = 0
  for (const [token] of json.matchAll(STRING_OR_BRACKET)) {
    if (token === '[' || token === '{') open += 1
    else if (token === ']' || token === '}') open -= 1
    if (open > BUNDLE_FILE_DEPTH) return true
  }
  return false
}

/** No repetition within another: it takes time in proportion to the text. */
const STRING_OR_BRACKET = /"(?:[^"\\]|\\.)*"|[[\]{}]/gs
