import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { HookName } from '../../sandbox/sdk/hooks.ts'

/** A hook's page: what an author's editor shows of it. */
export interface HookPage {
  readonly hook: HookName
  /** The prose, without markup of the comment. */
  readonly prose: string
  /** The example: a whole plugin. */
  readonly code: string
  /** What the example says of itself, line by line. */
  readonly claims: readonly Claim[]
}

/** A line below an example: for this event, that answer. */
export interface Claim {
  readonly event: Readonly<Record<string, unknown>>
  /** As it is written: one answer, or one a filter; of a teller, what it does. */
  readonly answers: readonly string[]
}

const SDK = join(import.meta.dirname, '..', '..', 'sandbox', 'sdk')

/** The pages of one of the SDK's files, in its order. */
export function hookPages(file: 'askers.ts' | 'tellers.ts'): readonly HookPage[] {
  const text = readFileSync(join(SDK, file), 'utf8')
  return [...text.matchAll(PAGE)].map((match) => {
    const [prose = '', example = ''] = withoutStars(match[1] ?? '').split('@example')
    const [, code = ''] = /```ts\n([^]*?)```/.exec(example) ?? []
    return { hook: match[2] as HookName, prose: prose.trim(), code, claims: claimsOf(code) }
  })
}

/** The answer of an asker that a claim states: a word, and maybe fields. */
export function statedVerdict(answer: string): Readonly<Record<string, unknown>> {
  const [word = ''] = answer.split(' ', 1)
  const fields = answer === word ? {} : (parse(answer.slice(word.length)) as object)
  return OPERATIONS.has(word) ? { verdict: 'transform', op: word, ...fields } : { verdict: word, ...fields }
}

const PAGE = /^ {2}\/\*\*\n((?: {3}\*.*\n)+?) {3}\*\/\n {2}readonly (\w+)\?:/gm
const OPERATIONS: ReadonlySet<string> = new Set(['pass', 'patch', 'replace', 'drop'])

function withoutStars(comment: string): string {
  return comment.replace(/^ {3}\* ?/gm, '')
}

/** A claim may go on in a second line, which begins with its arrow. */
function claimsOf(code: string): readonly Claim[] {
  const [, lines = ''] = code.split('\n})\n')
  return lines
    .replace(/\n\/\/ +→/g, ' →')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, event = '', answers = ''] = /^\/\/ (.*?) → (.*)$/.exec(line) ?? []
      return { event: parse(event) as Claim['event'], answers: answers.split('; ') }
    })
}
