/** JSON's tokens; what is none of them is left out. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[[\]{},:]|true|false|null/g

/** What is put in the place of a token: numbers at the edges of what is believed, words with a meaning. */
const WORDS: readonly string[] = [
  '-3 -1 0 1 2 3 4 5 7 9 65536 9007199254740992 1e308 0.5 -0',
  'null true false "" "a" "s" "c" "x" "n" "l" "d" "w" "e" "m"',
  '"allow" "deny" "disconnect" "filters" "verdict" "code" "reason" "session"',
  '"kv" "publish" "log" "timers" "__proto__" "constructor" "then" "toString"',
  '"threw:x" "unsettled:" "bad-verdict:y" "ok:" "crash:z" "info" "fatal"',
  '[1] [[1,2]] {} [] [1,0,"kv",{"op":"get","key":"k"}] [0,"publish",{"topic":"a"}]',
].flatMap((line) => line.split(' '))
const PUNCTUATION: readonly string[] = ['[', ']', '{', '}', ',', ':', '"', '\\', '', ' ', '\u0000', '\ud800']
/** Longer texts are changed in one character: most of what they are is depth. */
const LONG_CHARS = 4096

/** Gives an integer from 0 to below its argument. */
export type Dice = (below: number) => number

/** Numbers that look random and are not: a failure comes back with its seed. (mulberry32) */
export function dice(seed: number): Dice {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/**
 * Texts that are nearly this one, in no time: to generate one from scratch costs ten times what the host
 * needs to read it. Most of them stay JSON, with one value in another's place, missing, or there twice.
 *
 * @returns a function that gives the next one.
 */
export function variantsOf(text: string, roll: Dice): () => string {
  const tokens = text.length > LONG_CHARS ? [] : (text.match(TOKEN) ?? [])
  return () => {
    if (tokens.length === 0 || roll(8) === 0) return spoilt(text, roll)
    const changed = [...tokens]
    for (let changes = 1 + roll(3); changes > 0; changes -= 1) change(changed, roll)
    return changed.join('')
  }
}

function change(tokens: string[], roll: Dice): void {
  const at = roll(tokens.length)
  const token = tokens[at] ?? ''
  // most punctuation stays: what is no JSON at all is refused early, and tells little
  const isValue = !'[]{},:'.includes(token)
  const how = roll(isValue ? 8 : 32)
  if (how < 4 && isValue) tokens[at] = WORDS[roll(WORDS.length)] ?? ''
  else if (how === 4) tokens[at] = tokens[roll(tokens.length)] ?? ''
  else if (how === 5) tokens.splice(at, 0, WORDS[roll(WORDS.length)] ?? '', ',')
  else if (how === 6) tokens.splice(at, 1)
  else if (how === 7) tokens.splice(at, 0, token)
}

function spoilt(text: string, roll: Dice): string {
  const at = roll(text.length + 1)
  return text.slice(0, at) + (PUNCTUATION[roll(PUNCTUATION.length)] ?? '') + text.slice(at + roll(3))
}
