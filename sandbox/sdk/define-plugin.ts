import type { Askers } from './askers.ts'
import type { Capabilities, Ctx } from './capabilities.ts'
import type { FromSchema, KnownKeysOnly, OptionsSchema } from './config-schema.ts'
import type { AskerName, TellerName } from './hooks.ts'
import type { Tellers } from './tellers.ts'

/** What each hook that asks is told. */
export type AskerEvents = { readonly [Name in AskerName]: EventOf<Askers<never>[Name]> }

/** What each hook that asks may answer. */
export type AskerAnswers = { readonly [Name in AskerName]: AnswerOf<Askers<never>[Name]> }

/** What each hook that tells is told. */
export type TellerEvents = { readonly [Name in TellerName]: EventOf<Tellers<never>[Name]> }

/** A hook may be absent, hence `undefined`, which has neither. */
type EventOf<Hook> = Hook extends (event: infer Event, ctx: never) => unknown ? Event : never
type AnswerOf<Hook> = Hook extends (event: never, ctx: never) => infer Answer ? Answer : never

/**
 * Askers hold up their packet until they answer; tellers hold up nothing, and what they return is ignored.
 */
export type Hooks<Context> = Askers<Context> & Tellers<Context>

/** A plugin: its manifest and its hooks. */
export type Plugin<Schema, Asked, For extends 'broker' | 'client'> = {
  /** Default: package.json's name, else the folder's. */
  readonly name?: string
  /** Default: package.json's version, else `0.0.0-dev`. */
  readonly version?: string
  /** The plugin API that this is written for. */
  readonly api?: 1
  /** A client plugin has the two packet hooks alone. */
  readonly for?: For
  /** The schema of the options; absent: the plugin takes none. */
  readonly config?: Schema & KnownKeysOnly<Schema>
  readonly capabilities?: Asked
  /**
   * Runs at each activation (start, upload, restart, wake) before any question. Module variables are a cache:
   * the isolate may be replaced at any moment, and `setup` then runs again.
   */
  readonly setup?: (ctx: Ctx<FromSchema<Schema>, Asked, For>) => unknown
} & Hooks<Ctx<FromSchema<Schema>, Asked, For>>

/** The options of a plugin that declares no schema. */
export interface NoOptions {
  readonly type: 'object'
}

/**
 * Defines a plugin: `export default definePlugin({ … })`. It returns its argument: all that it does is to
 * give `ctx.config` the type of the `config` schema, `ctx` the powers asked for, and each hook its event and
 * its answers.
 */
export function definePlugin<
  const Schema extends OptionsSchema = NoOptions,
  const Asked extends Capabilities = object,
  const For extends 'broker' | 'client' = 'broker',
>(plugin: Plugin<Schema, Asked, For>): Plugin<Schema, Asked, For> {
  return plugin
}
