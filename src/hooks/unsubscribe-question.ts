import { FiltersQuestion } from './filters-question.ts'

/** One filter of an UNSUBSCRIBE, as plugins are asked about it. */
export interface LeftFilter {
  /** Without `$share/NAME/`. */
  readonly filter: string
  readonly share?: string
}

/** An UNSUBSCRIBE's question: an answer for each filter, from `authorizeUnsubscribe`. */
export abstract class UnsubscribeQuestion extends FiltersQuestion<LeftFilter> {
  protected override eventText(_voter: unknown, filters: readonly LeftFilter[]): string {
    return JSON.stringify({ filters })
  }

  /** Neither grants nor remembered verdicts speak of leaving. */
  protected override inquiryOf(): null {
    return null
  }
}
