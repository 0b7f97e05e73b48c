import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { didYouMean, nearest } from '../../../src/base/nearest.ts'

const KEYS = ['listeners', 'tenants', 'plugins', 'mqtt', 'receiveMaximum', 'use']

describe('the nearest word', () => {
  it('is found behind a letter too many, missing, wrong, or swapped', () => {
    for (const slip of ['listners', 'listenners', 'lisdeners', 'lsiteners'])
      assert.equal(nearest(slip, KEYS), 'listeners')
  })

  it('is found whatever the case', () => {
    assert.equal(nearest('RECEIVEMAXIMUM', KEYS), 'receiveMaximum')
  })

  it('of several is the one with the fewest slips', () => {
    assert.equal(nearest('plugin', ['plug', 'plugins', 'login']), 'plugins')
  })

  it('is none when more than a third of the letters is wrong, or the word is absurdly long', () => {
    assert.equal(nearest('durability', KEYS), undefined)
    assert.equal(nearest('x'.repeat(100_000), ['x'.repeat(100_000)]), undefined)
  })

  it('is the word itself when that is among the candidates', () => {
    const word = fc.string({ minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(
        word,
        fc.array(word),
        (wanted, others) => nearest(wanted, [wanted, ...others]) !== undefined,
      ),
    )
  })

  it('survives any one letter taken out of a word of three letters or more', () => {
    const word = fc.stringMatching(/^[a-z]{3,20}$/)
    fc.assert(
      fc.property(word, fc.nat(), (wanted, place) => {
        const at = place % wanted.length
        assert.equal(nearest(wanted.slice(0, at) + wanted.slice(at + 1), [wanted]), wanted)
      }),
    )
  })

  it('becomes the end of a sentence, or nothing', () => {
    assert.equal(didYouMean('tennants', KEYS), '; did you mean "tenants"?')
    assert.equal(didYouMean('quantum', KEYS), '')
  })
})
