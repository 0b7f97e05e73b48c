import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { loadCorpus, selectAttacks } from '../../../../src/cli/attack/corpus.ts'

const corpus = await loadCorpus()

test('every file that is named like an attack is one, under its own number', () => {
  const folder = path.join(import.meta.dirname, '..', '..', '..', 'attack')
  const files = readdirSync(folder).filter((name) => !/^attack\.ts$|\.test\.ts$|\.json$|\.md$/.test(name))
  assert.deepEqual(
    corpus.map(({ id }) => id.toLowerCase()),
    files.toSorted().map((name) => name.slice(0, 3)),
  )
})

test('every attack says how it may end, and none may win an allow by accident', () => {
  for (const { id, endings, title, plugin } of corpus) {
    assert.ok(endings.length > 0 && title !== '', id)
    assert.match(plugin, /export/, id)
    assert.ok(!(endings.includes('allow') && endings.includes('deny')), `${id}: one or the other`)
  }
})

test('attacks are selected by their numbers, in the order of the corpus', () => {
  const selected = selectAttacks(corpus, ['S01', 'C01'])
  assert.deepEqual(
    selected.map(({ id }) => id),
    ['C01', 'S01'],
  )
})

test('a number that no attack has is an error that says which there are', () => {
  assert.throws(() => selectAttacks(corpus, ['S01', 'Q77']), {
    code: 'ERR_USAGE',
    message: /"Q77".* there are B01 to /,
  })
})
