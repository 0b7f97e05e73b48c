import { LIST_CHARS } from '../../limits.ts'

/** As many of a list's entries as one answer holds; the first one always. */
export function fitting<Entry>(entries: readonly Entry[]): readonly Entry[] {
  // after each entry there is one more: a comma, or the bracket that ends the list
  let chars = 1
  const end = entries.findIndex((entry, place) => {
    chars += JSON.stringify(entry).length + 1
    return chars > LIST_CHARS && place > 0
  })
  return end === -1 ? entries : entries.slice(0, end)
}
