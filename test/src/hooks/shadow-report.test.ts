import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SHADOW } from '../../../src/base/limits.ts'
import { type ShadowAnswer, ShadowReport } from '../../../src/hooks/shadow-report.ts'

const said = (verdict: object | null, ms = 1): ShadowAnswer =>
  ({ outcome: verdict === null ? 'threw' : 'ok', verdict, ms }) as ShadowAnswer
const ALLOW = said({ verdict: 'allow' })
const DENY = said({ verdict: 'deny', code: 0x87 })
const FAULT = said(null)

describe('what two versions say', () => {
  for (const [what, serves, tried, kind] of [
    ['an allow that would be refused', ALLOW, DENY, 'allow→deny'],
    ['an allow that would end the connection', ALLOW, said({ verdict: 'disconnect' }), 'allow→deny'],
    ['a refusal that would be allowed', DENY, ALLOW, 'deny→allow'],
    ['a fault that would be allowed', FAULT, ALLOW, 'deny→allow'],
    ['another reason to refuse', DENY, said({ verdict: 'deny', code: 0x83 }), 'changed'],
    ['no opinion in place of an allow', ALLOW, said({ verdict: 'abstain' }), 'changed'],
    [
      'another answer for a filter',
      said({ verdict: 'filters', filters: [] }),
      said({ verdict: 'filters', filters: [1] }),
      'changed',
    ],
    ['a fault where there was an answer', DENY, FAULT, 'fault'],
    ['the same', DENY, said({ verdict: 'deny', code: 0x87 }, 9), null],
    ['a fault, as before', FAULT, FAULT, null],
  ] as const)
    it(`${what} is ${kind ?? 'no difference'}`, () => {
      const report = new ShadowReport()
      report.compare('authorizePublish', 'a/b', serves, tried)
      const { differences, same, compared, examples } = report.summary
      assert.deepEqual([compared, same], [1, kind === null ? 1 : 0])
      const found = Object.entries(differences).flatMap(([name, count]) => (count > 0 ? [name] : []))
      assert.deepEqual(found, kind === null ? [] : [kind])
      assert.equal(examples.length, kind === null ? 0 : 1)
    })

  it('is shown by a few examples of each kind, cut off', () => {
    const report = new ShadowReport()
    for (let n = 0; n < 3 * SHADOW.examples; n += 1) {
      report.compare('authorizePublish', 'x'.repeat(1000), ALLOW, DENY)
      report.compare('authorizePublish', 'y', DENY, ALLOW)
    }
    const { examples, differences } = report.summary
    assert.equal(examples.length, 2 * SHADOW.examples)
    assert.ok(examples.every(({ topic }) => topic.length <= SHADOW.exampleChars))
    assert.equal(differences['allow→deny'], 3 * SHADOW.examples)
  })

  it('costs what it costs, by half and by the slowest hundredth', () => {
    const report = new ShadowReport()
    for (let n = 0; n < 98; n += 1)
      report.compare('authorizePublish', '', said({ verdict: 'allow' }, 0.9), said({ verdict: 'allow' }, 3))
    for (let n = 0; n < 2; n += 1)
      report.compare('authorizePublish', '', said({ verdict: 'allow' }, 7), said({ verdict: 'allow' }, 200))
    assert.deepEqual(
      [report.summary.serves, report.summary.tried],
      [
        { p50: 1, p99: 8 },
        { p50: 4, p99: 256 },
      ],
    )
    assert.deepEqual(new ShadowReport().summary.serves, { p50: 0, p99: 0 })
  })
})
