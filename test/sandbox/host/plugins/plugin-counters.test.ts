import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PluginCounters } from '../../../../sandbox/host/plugins/plugin-counters.ts'
import { newQuestion, numberOf } from '../../../../sandbox/host/questions/question.ts'
import { SHORT_PUBLISH } from '../../../../sandbox/wire/messages.ts'
import { PluginStage } from '../../../support/plugin-stage.ts'

/** An asker that remembers what it was answered. */
function listening(isTrial = false) {
  const answers: unknown[] = []
  return { isTrial, answers, answered: (...answer: unknown[]) => void answers.push(answer) }
}

test('an answer reaches who asked, and counts by hook and outcome, in whichever form it crossed', () => {
  const counters = new PluginCounters()
  const asker = listening()
  for (const hook of [numberOf('authorizePublish'), SHORT_PUBLISH]) {
    counters.answer(newQuestion(hook, null, '{}', asker, 3, {}, 0), 'ok', { verdict: 'allow' })
  }
  counters.answer(newQuestion(numberOf('authenticate'), null, '{}', asker, 4, {}, 0), 'overload')
  assert.deepEqual(asker.answers, [
    [3, 'ok', { verdict: 'allow' }],
    [3, 'ok', { verdict: 'allow' }],
    [4, 'overload', null],
  ])
  const outcomes = [...counters.questions].map(([hook, counts]) => [hook, [...counts.outcomes]])
  assert.deepEqual(outcomes, [
    ['authorizePublish', [['ok', 2]]],
    ['authenticate', [['overload', 1]]],
  ])
  assert.equal(counters.questions.get('authorizePublish')?.seconds.count, 2)
})

test('what is asked to be explained, and what nobody waits for, counts nothing', () => {
  const counters = new PluginCounters()
  const trial = listening(true)
  counters.answer(newQuestion(numberOf('authorizePublish'), null, '{}', trial, 0, {}, 0), 'ok', {
    verdict: 'allow',
  })
  counters.answer(newQuestion(numberOf('authorizePublish'), null, '{}', null, 0, {}, 0), 'threw')
  assert.deepEqual([trial.answers.length, counters.questions.size], [1, 0])
})

test('a real plugin: questions by how they ended, the time of its cell, its strikes', async () => {
  const source = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: (event) => {
    if (event.topic === 'throw') throw new Error('no')
    if (event.topic === 'loop') for (;;) {}
    return allow()
  },
})`
  await using stage = await PluginStage.open()
  const tenant = await stage.tenant('t', await stage.prepare(source), { wallMs: 5000 })
  for (const topic of ['a', 'throw', 'loop', 'b']) await tenant.publish(topic)
  const { counts } = tenant.plugin
  const asked = counts.questions.get('authorizePublish')
  assert.deepEqual(
    new Map(asked?.outcomes),
    new Map([
      ['ok', 2],
      ['threw', 1],
      ['timeout', 1],
    ]),
  )
  assert.equal(asked?.seconds.count, 4)
  assert.ok(counts.workedMs > 0 && counts.strikes >= 1)
  tenant.plugins.measure()
  assert.ok(tenant.plugins.cpuMs > 0, 'a cell that has started has used the processor')
})
