import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import {
  DEFAULT_LIMITS,
  OUTCOMES,
  type Outcome,
  type PreparedPlugin,
  type Subject,
  type TenantPlugins,
} from '../../sandbox/index.ts'
import type { FailurePolicy } from '../../src/hooks/failure-policy.ts'
import { PublishQuestion } from '../../src/hooks/publish-question.ts'
import { Question } from '../../src/hooks/question.ts'
import { ReceiveQuestion } from '../../src/hooks/receive-question.ts'
import { type DecidedFilter, SubscribeQuestion } from '../../src/hooks/subscribe-question.ts'
import { TenantHooks } from '../../src/hooks/tenant-hooks.ts'
import { UnsubscribeQuestion } from '../../src/hooks/unsubscribe-question.ts'
import type { Verdict } from '../../src/hooks/verdict.ts'
import { FakePlugin, FakeTenantPlugins } from '../support/fake-plugins.ts'
import { received } from '../support/messages.ts'
import { PluginStage, type StageOptions } from '../support/plugin-stage.ts'
import { testClient } from '../support/sessions.ts'

/** SANDBOX.md §4.3: each security hook in each state in which nobody answers for it. */
const SHARP = [
  'authenticate',
  'authorizePublish',
  'authorizeSubscribe',
  'authorizeUnsubscribe',
  'authorizeReceive',
] as const
const PLUGINS: Readonly<Record<string, readonly string[]>> = {
  sharp: SHARP,
  general: ['topicFiltering'],
}

/** A plugin that would allow everything, if it came to that. */
const source = (hooks: readonly string[]): string => `
import { allow, definePlugin } from 'bulkhead/plugin'
const decide = (_event, ctx) => {
  switch (ctx.config.mode) {
    case 'loop': for (;;) {}
    case 'stuck': return [].includes.call({ length: 2 ** 53 - 1 }, 1)
    case 'hoard': for (let at = 0; ; at += 1) Symbol.for('s' + at)
    case 'throw': throw new Error('no')
    case 'bad': return { verdict: 'allow', extra: 1 }
    case 'never': return new Promise(() => {})
  }
  return allow()
}
export default definePlugin({
  config: { type: 'object', properties: { mode: { type: 'string', default: '' } } },
  ${hooks.map((hook) => `${hook}: decide`).join()},
})`

/** By kind. */
const prepared = new Map<string, PreparedPlugin>()

class Asked extends Question {
  readonly verdict = Promise.withResolvers<Verdict>()

  protected override decided(verdict: Verdict): void {
    this.verdict.resolve(verdict)
  }
}

class AskedPublish extends PublishQuestion {
  readonly verdict = Promise.withResolvers<Verdict>()

  protected override decided(verdict: Verdict): void {
    this.verdict.resolve(verdict)
  }
}

class AskedFilters extends SubscribeQuestion {
  readonly verdicts = Promise.withResolvers<readonly Verdict[]>()

  protected override settled(filters: readonly DecidedFilter[]): void {
    this.verdicts.resolve(filters.map(({ verdict }) => verdict))
  }
}

class AskedLeaving extends UnsubscribeQuestion {
  readonly verdicts = Promise.withResolvers<readonly Verdict[]>()

  protected override decided(verdicts: readonly Verdict[]): void {
    this.verdicts.resolve(verdicts)
  }
}

class AskedReceive extends ReceiveQuestion {
  readonly allowed = Promise.withResolvers<boolean>()

  protected override decided(): void {
    this.allowed.resolve(this.isAllowed(0))
  }
}

const NOBODY: Subject = { ref: 1, json: '{}', source: '', release: () => undefined }
const FILTER = { filter: 'a', qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const

/** Asks on every occasion that has voters, all in one turn. @returns what was let through. */
async function letThrough(hooks: TenantHooks, subject: Subject): Promise<readonly string[]> {
  const client = testClient('eve', { subject })
  const message = received({ topic: 'a' })
  message.publisher = client
  const authenticate = new Asked()
  authenticate.expect(hooks.authenticate)
  hooks.authenticate.forEach(({ plugin, hook }, slot) => {
    plugin.ask(hook, null, '{}', authenticate, slot, { source: subject.source })
  })
  const publish = new AskedPublish(client, message)
  hooks.askPublish(publish)
  const subscribe = new AskedFilters(hooks.subscribe, 1)
  subscribe.ask(client, [FILTER])
  const unsubscribe = new AskedLeaving(hooks.unsubscribe, 1)
  if (hooks.unsubscribe.length > 0) unsubscribe.ask(client, [{ filter: 'a' }])
  const receive = new AskedReceive(hooks, message, [{ client, filter: 'a' }])
  receive.ask('live')
  const through = {
    authenticate: hooks.authenticate.length > 0 && (await authenticate.verdict.promise).verdict === 'allow',
    publish: (await publish.verdict.promise).verdict === 'allow',
    subscribe: (await subscribe.verdicts.promise)[0]?.verdict === 'allow',
    unsubscribe: hooks.unsubscribe.length > 0 && (await unsubscribe.verdicts.promise)[0]?.verdict === 'allow',
    receive: await receive.allowed.promise,
  }
  return Object.entries(through).flatMap(([occasion, isThrough]) => (isThrough ? [occasion] : []))
}

interface State {
  readonly options?: StageOptions
  readonly mode?: string
  /** When no loop's own limit is to end it. */
  readonly wallMs?: number
  /** Goes on for as long as it is asked. */
  readonly meanwhile?: (plugins: TenantPlugins) => Disposable
  /** Brings the plugin there; what was asked so far is not looked at. */
  readonly reach?: (plugins: TenantPlugins, ask: (origin: string) => Promise<unknown>) => unknown
  /** What of the audit, or the plugin's state, shows that it is there. */
  readonly shows?: Outcome | 'blocked'
}

function killCell({ pid }: TenantPlugins): void {
  if (pid === undefined) return
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // dead already, and nobody has heard of it yet
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

const STATES: Readonly<Record<string, State>> = {
  'there is no cell, and none to be had': { options: { maxCells: 0, startQueueMs: 50 }, shows: 'overload' },
  'its cell is not there in time': { options: { startWaitMs: 0 } },
  'its time is up': { mode: 'loop', shows: 'timeout' },
  'the broker’s clock runs out': { mode: 'stuck', shows: 'deadline' },
  'its memory is up': { mode: 'hoard' },
  'it throws': { mode: 'throw', shows: 'threw' },
  'it answers nonsense': { mode: 'bad', shows: 'bad-verdict' },
  'it never answers': { mode: 'never', shows: 'unsettled' },
  'its cell dies': {
    mode: 'stuck',
    wallMs: 10_000,
    // each one that comes in its place, too: until nothing waits for an answer
    meanwhile: (plugins) => setInterval(killCell, 20, plugins),
    shows: 'crash',
  },
  'it is quarantined': {
    mode: 'loop',
    reach: async (plugins, ask) => {
      for (const name of ['ann', 'bob', 'cy']) await ask(name)
      assert.equal(plugins.plugins[0]?.state, 'quarantined')
    },
  },
  'who asks is blocked': {
    mode: 'loop',
    reach: async (_plugins, ask) => {
      for (let strike = 0; strike < 3; strike += 1) await ask('client eve')
    },
    shows: 'blocked',
  },
  'it is stopped': { reach: (plugins) => plugins.stop() },
}

async function check(state: State, kind: string, onFault: FailurePolicy): Promise<readonly string[]> {
  const { options = {}, mode = '', reach, meanwhile, shows } = state
  const plugin = prepared.get(kind)
  assert.ok(plugin !== undefined)
  await using stage = await PluginStage.open(options)
  // the loop's own limit ends it, not the clock of a loaded machine
  const wallMs = state.wallMs ?? (mode === 'stuck' ? DEFAULT_LIMITS.wallMs : 10_000)
  const tenant = stage.sleeper('t', { ...plugin, config: { mode } }, { wallMs })
  if (Object.keys(options).length === 0) {
    tenant.plugins.wake()
    await tenant.plugins.settled()
  }
  const hook = kind === 'sharp' ? 'authorizePublish' : 'topicFiltering'
  await reach?.(tenant.plugins, (from) => tenant.ask(hook, {}, stage.host.subject('{}', from)))
  const hooks = new TenantHooks(tenant.plugins, {
    onFault: { guard: onFault },
    payloadBytes: 1024,
    topicDefault: 'deny',
  })
  using _ = meanwhile?.(tenant.plugins)
  const through = await letThrough(hooks, stage.host.subject('{}', 'client eve'))
  if (shows !== undefined) {
    await stage.until(() =>
      stage.audited().some(({ event, outcome }) => event === shows || outcome === shows),
    )
  }
  return through
}

describe('nothing opens by a failure', () => {
  before(async () => {
    await using stage = await PluginStage.open()
    for (const [kind, hooks] of Object.entries(PLUGINS))
      prepared.set(kind, await stage.prepare(source(hooks)))
  })

  for (const [name, state] of Object.entries(STATES)) {
    it(`when ${name}`, async () => {
      for (const kind of Object.keys(PLUGINS)) assert.deepEqual(await check(state, kind, {}), [])
    })
  }

  it('when it did not build', async () => {
    await using stage = await PluginStage.open()
    const broken: PreparedPlugin = {
      name: 'guard',
      bundle: null,
      config: {},
      capabilities: {},
      secrets: {},
    }
    const { plugins } = stage.sleeper('t', broken)
    const hooks = new TenantHooks(plugins, { onFault: {}, payloadBytes: 1024, topicDefault: 'deny' })
    assert.deepEqual(await letThrough(hooks, NOBODY), [])
  })

  it('however a call may end, at every hook', async () => {
    for (const outcome of OUTCOMES) {
      if (outcome === 'ok') continue
      for (const hooks of Object.values(PLUGINS)) {
        const plugin = new FakePlugin('guard', hooks as readonly (typeof SHARP)[number][])
        plugin.reply = outcome
        const fake = new FakeTenantPlugins([plugin])
        const closed = new TenantHooks(fake, { onFault: {}, payloadBytes: 1024, topicDefault: 'deny' })
        assert.deepEqual(await letThrough(closed, NOBODY), [], outcome)
      }
    }
  })

  it('unless the operator’s onFault says otherwise, and then for that hook alone', async () => {
    const through = await check({ mode: 'throw' }, 'sharp', { authorizePublish: 'allow' })
    assert.deepEqual(through, ['publish'])
  })
})
