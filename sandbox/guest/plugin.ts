import { ASKERS, HOOKS } from '../sdk/hooks.ts'
import type { LoadSettings, ProbedPlugin } from '../wire/messages.ts'
import { PLUGIN_URL } from './describe-fault.ts'
import { deleteProperty, emptyRecord, evaluate, ownDescriptor, ownKeys } from './primordials.ts'

export type Hook = (event: object, context: object) => unknown

/** The plugin's hooks by number, taken once: replacing a property later changes nothing. */
export type HookTable = Record<number, Hook | undefined>

export const FIRST_TELLER: number = ASKERS.length
export const AUTHORIZE_PUBLISH: number = HOOKS.indexOf('authorizePublish')
export const AUTHENTICATE: number = HOOKS.indexOf('authenticate')
export const ON_CLOSE: number = HOOKS.indexOf('onClose')

/** The global in which the bundle leaves its module namespace. */
const NAMESPACE = '__bulkhead_plugin'

/** Evaluates the bundle and returns its default export. Runs plugin code. */
export function evaluatePlugin(code: string): object {
  evaluate(`${code}\n//# sourceURL=${PLUGIN_URL}`)
  const namespace = ownDescriptor(globalThis, NAMESPACE)?.value as { default?: unknown } | undefined
  deleteProperty(globalThis, NAMESPACE)
  const plugin = namespace?.default
  if (typeof plugin !== 'object' || plugin === null) {
    throw new TypeError('the module has no default export: export default definePlugin({ … })')
  }
  return plugin
}

/**
 * Takes the declared hooks; one that is declared and not there must not stay unnoticed until its first
 * question.
 */
export function takeHooks(plugin: object, settings: LoadSettings): HookTable {
  const table: HookTable = emptyRecord()
  for (let index = 0; index < settings.hooks.length; index += 1) {
    const number = settings.hooks[index] as number
    const name = HOOKS[number] as string
    const hook = (plugin as Record<string, unknown>)[name]
    if (typeof hook !== 'function')
      throw new TypeError(`the manifest declares ${name}, but it is not a function`)
    table[number] = hook as Hook
  }
  return table
}

export function takeSetup(plugin: object): ((context: object) => unknown) | undefined {
  const { setup } = plugin as { setup?: unknown }
  return typeof setup === 'function' ? (setup as (context: object) => unknown) : undefined
}

/** What the plugin says of itself, for the manifest. */
export function probePlugin(plugin: object): ProbedPlugin {
  const values: Record<string, unknown> = {}
  const functions: string[] = []
  const keys = ownKeys(plugin)
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index]
    if (typeof key !== 'string') continue
    const value = (plugin as Record<string, unknown>)[key]
    if (typeof value === 'function') functions.push(key)
    else values[key] = value
  }
  return { values, functions }
}
