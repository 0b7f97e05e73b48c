import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseProperties } from '../../../src/cli/client-properties.ts'

it('all -D together give each packet its properties, in their own types', () => {
  const words = [
    'connect session-expiry-interval 60',
    'publish content-type text/plain',
    'publish payload-format-indicator 1',
    'publish correlation-data id',
    'will will-delay-interval 5',
  ].flatMap((line) => line.split(' '))
  assert.deepEqual(parseProperties(words), {
    connect: { sessionExpiryInterval: 60 },
    publish: { contentType: 'text/plain', payloadFormatIndicator: true, correlationData: Buffer.from('id') },
    will: { willDelayInterval: 5 },
  })
})

it('a user property takes a name and a value, and may come again', () => {
  const words = ['publish', 'user-property', 'a', '1', 'publish', 'user-property', 'a', '2']
  assert.deepEqual({ ...(parseProperties(words).publish?.['userProperties'] as object) }, { a: ['1', '2'] })
})

it('what no packet has, or no value is, is a usage error that names the nearest', () => {
  const cases = [
    ['publsh content-type x', /no packet publsh; did you mean "publish"\?/],
    ['publish content-tipe x', /publish has no property content-tipe; did you mean "content-type"\?/],
    ['subscribe content-type x', /subscribe has no property content-type/],
    ['publish constructor x', /no property constructor/],
    ['connect receive-maximum many', /receive-maximum expects a number, got "many"/],
    ['publish payload-format-indicator 2', /expects 0 or 1/],
    ['publish user-property a', /takes a name and a value/],
    ['publish content-type', /lacks its value/],
  ] as const
  for (const [words, message] of cases) {
    assert.throws(() => parseProperties(words.split(' ')), { code: 'ERR_USAGE', message })
  }
})
