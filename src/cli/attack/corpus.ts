import { readdir } from 'node:fs/promises'
import type { Attack } from '../../../test/attack/attack.ts'
import { BulkheadError } from '../../base/errors.ts'
import { didYouMean } from '../../base/nearest.ts'

export type { Attack, AttackClass, Ending, Provoked } from '../../../test/attack/attack.ts'

const FOLDER = new URL('../../../test/attack/', import.meta.url)
const DEFINITION = /^[a-z]\d\d-[\w-]+\.ts$/

/** Every attack of the corpus, in the order of their numbers: one file each, found by its name. */
export async function loadCorpus(): Promise<readonly Attack[]> {
  const files = (await readdir(FOLDER)).filter((name) => DEFINITION.test(name)).toSorted()
  return Promise.all(
    files.map(async (name) => {
      const module = (await import(new URL(name, FOLDER).href)) as { readonly attack: Attack }
      return module.attack
    }),
  )
}

/**
 * Those with these numbers.
 *
 * @throws BulkheadError ERR_USAGE for a number that no attack has.
 */
export function selectAttacks(corpus: readonly Attack[], ids: readonly string[]): readonly Attack[] {
  const known = corpus.map(({ id }) => id)
  for (const id of ids) {
    if (known.includes(id)) continue
    const hint = didYouMean(id, known) || `; there are ${known[0]} to ${known.at(-1)}`
    throw new BulkheadError('ERR_USAGE', `no attack is called ${JSON.stringify(id)}${hint}`)
  }
  return corpus.filter(({ id }) => ids.includes(id))
}
