import { BulkheadError } from '../../src/base/errors.ts'
import { didYouMean } from '../../src/base/nearest.ts'
import { MANIFEST_ERRORS } from '../limits.ts'
import { HOOKS, type HookName } from '../sdk/hooks.ts'
import { canonicalJson } from './canonical-json.ts'
import type { DeclaredManifest } from './declared-manifest.ts'
import { lintConfigSchema } from './lint-config-schema.ts'
import type { Manifest } from './manifest.ts'
import { excess } from './manifest-size.ts'
import { manifestMistakes, type StatedManifest } from './manifest-schema.ts'

/** What the code says of itself, as a probe found it: values as plain data, functions by name. */
export interface CodedManifest {
  readonly values: Readonly<Record<string, unknown>>
  readonly functions: readonly string[]
}

/** A client plugin is told of packets, and of its end; everything else happens in a broker. */
const CLIENT_HOOKS: readonly HookName[] = ['onMqttPacketReceived', 'onMqttPacketSent', 'onClose']

/** `topicFiltering` is asked for the actions of all of these. */
const SHARPER_HOOKS: readonly HookName[] = ['authorizePublish', 'authorizeSubscribe', 'authorizeReceive']

/**
 * Makes the manifest of what the code, plugin.yaml, package.json and the folder's name say.
 *
 * @param coded what a probe found; undefined for a sealed bundle, which has nothing but its manifest.
 * @throws BulkheadError ERR_PLUGIN_MANIFEST: every mistake, with its place and what to write instead.
 */
export function checkManifest(coded: CodedManifest | undefined, declared: DeclaredManifest): Manifest {
  // before anything that looks at each of its values, or at their values
  refuse(declared, excess([coded?.values, coded?.functions, declared.yaml]))
  const inCode = coded === undefined ? {} : statedInCode(coded, declared)
  const inYaml = declared.yaml === undefined ? {} : statedInYaml(declared.yaml, declared)
  refuse(declared, disagreements(inCode, inYaml))
  const stated: StatedManifest = { ...inYaml, ...inCode }
  const manifest: Manifest = {
    name: stated.name ?? printable(declared.packageName ?? declared.folder, 'plugin'),
    version: stated.version ?? printable(declared.packageVersion ?? '', '0.0.0-dev'),
    api: 1,
    for: stated.for ?? 'broker',
    hooks: inOrder(stated.hooks ?? []),
    ...(stated.config === undefined ? {} : { config: stated.config }),
    capabilities: stated.capabilities ?? {},
  }
  refuse(declared, nonsense(manifest))
  return manifest
}

function statedInCode(coded: CodedManifest, declared: DeclaredManifest): StatedManifest {
  const hooks = coded.functions.filter((name) => name !== 'setup')
  const mistakes = [
    ...hooks
      .filter((name) => !isHook(name))
      .slice(0, MANIFEST_ERRORS)
      .map((name) => `hook ${JSON.stringify(name)} is unknown${meant(name)}`),
    ...Object.keys(coded.values)
      .filter((name) => isHook(name) || name === 'setup')
      .map((name) => `${name} must be a function`),
  ]
  const data = Object.entries(coded.values).filter(
    ([key]) => !isHook(key) && key !== 'setup' && key !== 'hooks',
  )
  if (Object.hasOwn(coded.values, 'hooks'))
    mistakes.push('hooks: in code they are the functions; leave the key out')
  // ajv sees own keys alone, `__proto__` among them
  const stated: unknown = Object.fromEntries(data)
  refuse(declared, [...mistakes, ...manifestMistakes(stated)], 'definePlugin')
  return { ...(stated as StatedManifest), hooks }
}

function statedInYaml(yaml: Readonly<Record<string, unknown>>, declared: DeclaredManifest): StatedManifest {
  const stated: unknown = Object.fromEntries(Object.entries(yaml).filter(([key]) => key !== 'main'))
  refuse(declared, manifestMistakes(stated), 'plugin.yaml')
  return stated as StatedManifest
}

/** What is stated in both places must agree. */
function disagreements(inCode: StatedManifest, inYaml: StatedManifest): string[] {
  const keys = Object.keys(inCode).filter((key) => Object.hasOwn(inYaml, key)) as (keyof StatedManifest)[]
  return keys
    .filter((key) => comparable(inCode[key]) !== comparable(inYaml[key]))
    .map((key) => {
      const values =
        key === 'config'
          ? ''
          : `: plugin.yaml says ${comparable(inYaml[key])}, the code ${comparable(inCode[key])}`
      return `${key} is stated twice, and not alike${values}`
    })
}

function comparable(value: unknown): string {
  return canonicalJson(
    Array.isArray(value) ? value.map(String).toSorted((one, other) => (one < other ? -1 : 1)) : value,
  )
}

/** What has the right shape, and still cannot be. */
function nonsense(manifest: Manifest): string[] {
  const { hooks } = manifest
  const mistakes: string[] = []
  if (hooks.includes('topicFiltering')) {
    const sharper = hooks.filter((hook) => SHARPER_HOOKS.includes(hook))
    if (sharper.length > 0)
      mistakes.push(`topicFiltering and ${sharper.join(', ')} answer the same question; keep one`)
  }
  if (manifest.for === 'client') {
    const foreign = hooks.filter((hook) => !CLIENT_HOOKS.includes(hook))
    if (foreign.length > 0) mistakes.push(`for: client has the packet hooks alone, not ${foreign.join(', ')}`)
  }
  const schema = manifest.config === undefined ? undefined : lintConfigSchema(manifest.config)
  if (schema !== undefined) mistakes.push(schema)
  return mistakes
}

function isHook(name: string): name is HookName {
  return (HOOKS as readonly string[]).includes(name)
}

function meant(name: string): string {
  return didYouMean(name, [...HOOKS, 'setup'])
}

/** By their number, so that equal plugins have equal digests. */
function inOrder(hooks: readonly string[]): readonly HookName[] {
  return HOOKS.filter((hook) => hooks.includes(hook))
}

/** A folder may be called anything; a name in logs may not. */
function printable(text: string, otherwise: string): string {
  const name = text
    .replace(/[^\w@./+-]+/g, '-')
    .replace(/^[^\w@]+/, '')
    .slice(0, 64)
  return name === '' ? otherwise : name
}

function refuse(declared: DeclaredManifest, mistakes: readonly string[], where = 'manifest'): void {
  if (mistakes.length === 0) return
  throw new BulkheadError(
    'ERR_PLUGIN_MANIFEST',
    `plugin ${declared.folder}: ${where}: ${mistakes.join('; ')}`,
  )
}
