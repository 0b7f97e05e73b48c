import type { SingleVerdict } from '../../sandbox/index.ts'

/** A checked answer to a question that has one: what plugins said, or what stands in for it. */
export type Verdict = SingleVerdict
export type Allow = Extract<Verdict, { verdict: 'allow' }>
export type Deny = Extract<Verdict, { verdict: 'deny' }>
