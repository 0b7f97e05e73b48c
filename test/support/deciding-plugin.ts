import type { HookName, PluginHandle } from '../../sandbox/index.ts'
import { type Asked, FakePlugin, type Reply } from './fake-plugins.ts'

/** A plugin without a cell that answers within the question, by a rule. */
export class DecidingPlugin extends FakePlugin {
  readonly #decide: (asked: Asked) => Reply

  constructor(
    name: string,
    hooks: readonly HookName[],
    decide: (asked: Asked) => Reply,
    capabilities: PluginHandle['capabilities'] = {},
  ) {
    super(name, hooks, capabilities)
    this.#decide = decide
  }

  override ask(...question: Parameters<FakePlugin['ask']>): void {
    super.ask(...question)
    const asked = this.question(this.asked.length - 1)
    asked.answer(this.#decide(asked))
  }
}
