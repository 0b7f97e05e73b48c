import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PublishQuestion } from '../../../src/hooks/publish-question.ts'
import type { Verdict } from '../../../src/hooks/verdict.ts'
import { FakePlugin, hooksOf } from '../../support/fake-plugins.ts'
import { received } from '../../support/messages.ts'
import { testClient } from '../../support/sessions.ts'

class Asking extends PublishQuestion {
  readonly verdicts: Verdict[] = []

  protected override decided(verdict: Verdict): void {
    this.verdicts.push(verdict)
  }
}

test('it is decided once, when all who have a say have answered', () => {
  const [one, other] = ['one', 'other'].map((name) => new FakePlugin(name, ['authorizePublish']))
  assert.ok(one !== undefined && other !== undefined)
  const asking = new Asking(testClient('ann'), received({ topic: 'a' }))
  hooksOf([one, other]).askPublish(asking)
  one.question(0).answer({ verdict: 'allow', maxQos: 1 })
  assert.deepEqual(asking.verdicts, [])
  other.question(0).answer({ verdict: 'deny', code: 0x87 })
  assert.deepEqual(asking.verdicts, [{ verdict: 'deny', code: 0x87 }])
})

test('where nobody has a say, the tenant’s default decides', () => {
  for (const [topicDefault, verdict] of [
    ['allow', 'allow'],
    ['deny', 'deny'],
  ] as const) {
    const asking = new Asking(testClient('ann'), received({ topic: 'a' }))
    hooksOf([], { topicDefault }).askPublish(asking)
    assert.equal(asking.verdicts[0]?.verdict, verdict)
  }
})
