import { ENTER, type LoadSettings } from '../wire/messages.ts'
import { Guest } from './guest.ts'
import { harden } from './harden.ts'
import { indexInText, parseJson, sliceText } from './primordials.ts'

let guest: Guest | undefined

/**
 * The isolate's only door: the cell takes this function by reference. It calls it with a number and a text
 * and gets a text back; it never holds anything else of this realm. `load` and `probe` carry a line of
 * settings, then code.
 */
export function enter(operation: number, text: string): string {
  if (operation === ENTER.load || operation === ENTER.probe) {
    const end = indexInText(text, '\n')
    guest = new Guest(parseJson(sliceText(text, 0, end)) as LoadSettings)
    const code = sliceText(text, end + 1)
    return operation === ENTER.load ? guest.load(code) : guest.probe(code)
  }
  if (guest === undefined) return '{"e":"nothing is loaded"}'
  switch (operation) {
    case ENTER.ask:
      return guest.ask(text)
    case ENTER.resume:
      return guest.resume(text)
    case ENTER.close:
      return guest.close()
    default:
      return guest.collect()
  }
}

harden()
