import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Asker, CheckedVerdict, Outcome, PluginHandle } from '../../../sandbox/index.ts'
import { SHADOW } from '../../../src/base/limits.ts'
import { ShadowReport } from '../../../src/hooks/shadow-report.ts'
import { ShadowedPlugin } from '../../../src/hooks/shadowed-plugin.ts'

type Answer = (outcome: Outcome, verdict: CheckedVerdict | null) => void

/** A plugin that answers when the test says so. */
class Held {
  readonly asked: { readonly isTrial: boolean; readonly answer: Answer }[] = []
  readonly told: string[] = []
  readonly handle: PluginHandle

  constructor(hooks = ['authorizePublish']) {
    const hold = (asker: Asker, slot: number): void => {
      const answer: Answer = (outcome, verdict) => asker.answered(slot, outcome, verdict)
      this.asked.push({ isTrial: asker.isTrial === true, answer })
    }
    this.handle = {
      name: 'gate',
      hooks: new Set(hooks),
      ask: (_hook: string, _subject: null, _event: string, asker: Asker, slot: number) => hold(asker, slot),
      askPublish: (...asked: [object, string, number, boolean, Asker, number]) => hold(asked[4], asked[5]),
      tell: (hook: string) => this.told.push(hook),
    } as unknown as PluginHandle
  }
}

class Waits implements Asker {
  readonly answers: unknown[] = []
  readonly isTrial: boolean

  constructor(isTrial = false) {
    this.isTrial = isTrial
  }

  answered(slot: number, outcome: Outcome, verdict: CheckedVerdict | null): void {
    this.answers.push([slot, outcome, verdict?.verdict])
  }
}

const staged = (hooks?: string[]) => {
  const [serves, tried, report] = [new Held(), new Held(hooks), new ShadowReport()]
  return { serves, tried, report, plugin: new ShadowedPlugin(serves.handle, tried.handle, report) }
}
const ALLOW: CheckedVerdict = { verdict: 'allow' }
const DENY: CheckedVerdict = { verdict: 'deny' }

describe('a plugin in whose shadow another version is tried', () => {
  it('answers alone, and waits for nobody', () => {
    const { serves, tried, report, plugin } = staged()
    const asker = new Waits()
    plugin.ask('authorizePublish', null, '{"topic":"a/b"}', asker, 3)
    tried.asked[0]?.answer('ok', DENY)
    assert.deepEqual(asker.answers, [])
    serves.asked[0]?.answer('ok', ALLOW)
    assert.deepEqual(asker.answers, [[3, 'ok', 'allow']])
    assert.deepEqual(
      report.summary.examples.map(({ kind, topic }) => [kind, topic]),
      [['allow→deny', 'a/b']],
    )
  })

  it('has its copy asked as a trial: what that publishes does not happen; and told of nothing', () => {
    const { serves, tried, plugin } = staged()
    plugin.ask('authorizePublish', null, '{}', new Waits(), 0)
    plugin.askPublish({} as never, '"t"', 0, false, new Waits(), 0)
    assert.deepEqual(
      [serves.asked.map(({ isTrial }) => isTrial), tried.asked.map(({ isTrial }) => isTrial)],
      [
        [false, false],
        [true, true],
      ],
    )
    plugin.tell('onBrokerClientConnected', null, '{}')
    assert.deepEqual([serves.told.length, tried.told.length], [1, 0])
  })

  it('is not compared where the other version declares no such hook, nor while it is explained', () => {
    const { serves, tried, plugin } = staged(['authenticate'])
    plugin.ask('authorizePublish', null, '{}', new Waits(), 0)
    const other = staged()
    other.plugin.ask('authorizePublish', null, '{}', new Waits(true), 0)
    assert.deepEqual([serves.asked.length, tried.asked.length, other.tried.asked.length], [1, 0, 0])
    assert.equal(other.serves.asked[0]?.isTrial, true)
  })

  it('goes on however slow the other version is: past its bound that one is not asked', () => {
    const { serves, tried, report, plugin } = staged()
    for (let n = 0; n < SHADOW.waiting + 5; n += 1) plugin.ask('authorizePublish', null, '{}', new Waits(), 0)
    assert.deepEqual(
      [serves.asked.length, tried.asked.length, report.summary.skipped],
      [SHADOW.waiting + 5, SHADOW.waiting, 5],
    )
    for (const { answer } of [...serves.asked, ...tried.asked]) answer('ok', ALLOW)
    plugin.ask('authorizePublish', null, '{}', new Waits(), 0)
    assert.equal(tried.asked.length, SHADOW.waiting + 1)
  })
})
