import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClientRates, ratesOf } from '../../../src/protocol/client-rates.ts'

function met(limits: string[]): (limit: string, value: number) => void {
  return (limit, value) => void limits.push(`${limit} ${value}`)
}

test('what is above a rate is owed, and the slower of the two decides', () => {
  const limits: string[] = []
  const rates = new ClientRates(2, 100, 0)
  const tell = met(limits)
  assert.deepEqual(
    [10, 10, 10, 200].map((bytes) => rates.take(bytes, tell, 0)),
    [0, 0, 500, 1300],
  )
})

test('the limit is told by name and value, once a second', () => {
  const limits: string[] = []
  const rates = new ClientRates(1, 100, 0)
  const tell = met(limits)
  rates.take(10, tell, 0)
  rates.take(10, tell, 0)
  rates.take(10, tell, 500)
  assert.deepEqual(limits, ['publishPerSec 1'])
  rates.take(1000, tell, 1500)
  assert.deepEqual(limits, ['publishPerSec 1', 'bytesPerSec 100'])
})

test('one rate may be set without the other; without any there is nothing to keep', () => {
  assert.equal(ratesOf(), null)
  assert.equal(ratesOf({}), null)
  assert.equal(new ClientRates(undefined, 10, 0).take(5, nothing, 0), 0)
  assert.equal(new ClientRates(undefined, 10, 0).take(20, nothing, 0), 1000)
  assert.equal(new ClientRates(1, undefined, 0).take(1_000_000, nothing, 0), 0)
})

function nothing(): void {
  // whoever is told of a limit is not what these are about
}
