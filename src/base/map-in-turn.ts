/**
 * As `Promise.all` of `items.map(work)`, with so many under way at once: what is worked with need not have a
 * place for all of them. After the first failure nothing new is begun.
 *
 * @throws what the first failure threw.
 */
export async function mapInTurn<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  const rest = items.entries()
  let hasFailed = false
  const workOff = async (): Promise<void> => {
    // all share one iterator: each takes the next item when it is done with its last
    for (const [place, item] of rest) {
      if (hasFailed) return
      try {
        results[place] = await work(item)
      } catch (error) {
        hasFailed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, workOff))
  return results
}
