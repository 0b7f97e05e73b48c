import { decodePunycode, encodePunycode } from './punycode.ts'

/**
 * Of what a label beyond ASCII may be made. The whole table of UTS #46 has 200 KiB; this is the part of it
 * that Unicode's own normal form and lower case already give: letters of scripts written from left to right,
 * without marks, joiners, and the letters that the table maps in its own way. What is outside is refused,
 * never guessed at: a host decides where a request goes.
 */
const SCRIPTS = ['Latin', 'Greek', 'Cyrillic', 'Han', 'Hiragana', 'Katakana', 'Hangul']
  .map((name) => `\\p{Script=${name}}`)
  .join('')
const MAPPED = 'ϲ\\u115f\\u1160\\u1c80-\\u1c8f\\u1f00-\\u1fff\\u3164\\uffa0'
const LETTERS = new RegExp(`^[\\-0-9A-Za-z_ー[[\\p{L}&&[${SCRIPTS}]]--[${MAPPED}]]]+$`, 'v')
const FOREIGN = /[\u0080-\uffff]/

/** Labels of letters and digits stand for themselves, but for their case and what looks like Punycode. */
const PLAIN = /^(?!.*xn--)[^A-Z\u0080-\uffff]*$/s

/** A domain in ASCII as the URL standard writes it [3.3, UTS #46], or why it is none. */
export function domainToAscii(domain: string): { readonly ascii: string } | { readonly refused: string } {
  if (PLAIN.test(domain)) return { ascii: domain }
  const labels: string[] = []
  for (const label of domain.split(/[.\u3002\uff0e\uff61]/)) {
    const ascii = asciiLabel(label)
    if (ascii === undefined) return { refused: refusal(label) }
    labels.push(ascii)
  }
  return { ascii: labels.join('.') }
}

function asciiLabel(label: string): string | undefined {
  if (FOREIGN.test(label)) return LETTERS.test(label) ? encoded(normal(label)) : undefined
  const small = label.toLowerCase()
  return small.startsWith('xn--') ? known(small) : small
}

/**
 * Wide and composed forms become plain ones, capitals small ones: each by itself, since a sigma at the end is
 * no final one here.
 */
function normal(label: string): string {
  return Array.from(label.normalize('NFKC'), (character) => character.toLowerCase())
    .join('')
    .normalize('NFKC')
}

function encoded(label: string): string | undefined {
  // plain letters by now; what only looks like Punycode then is none that anybody wrote
  if (!FOREIGN.test(label)) return label.startsWith('xn--') ? undefined : label
  if (!LETTERS.test(label) || label.slice(2, 4) === '--') return undefined
  const punycode = encodePunycode(label)
  return punycode === undefined ? undefined : `xn--${punycode}`
}

/** Punycode must be that of a label that could have been written out: else two texts would be one host. */
function known(label: string): string | undefined {
  const decoded = decodePunycode(label.slice(4))
  if (decoded === undefined || !FOREIGN.test(decoded) || normal(decoded) !== decoded) return undefined
  return encoded(decoded) === label ? label : undefined
}

function refusal(label: string): string {
  return `the host's ${JSON.stringify(label.slice(0, 63))} is outside of the letters known here`
}
