import { setTimeout as pause } from 'node:timers/promises'
import { readFile } from 'node:fs/promises'
import { bundleText, readBundleFile } from '../../../sandbox/bundle/bundle-file.ts'
import type { Bundle } from '../../../sandbox/index.ts'
import { BulkheadError } from '../../base/errors.ts'
import { printable } from '../../observe/printable.ts'
import { type AdminOptions, askAdmin, tenantOf, tenantPath } from '../admin/ask-admin.ts'
import { confirm } from '../admin/ask-user.ts'
import { readSettings } from '../admin/read-settings.ts'
import { buildPlugin } from '../prepare-plugins.ts'
import { show } from '../admin/show.ts'

export interface DeployOptions extends AdminOptions {
  /** A file with the plugin's options. */
  readonly config?: string
  readonly yes?: true
  /** For so many seconds it is tried in the shadow of what serves, and somebody looks at what came of it. */
  readonly shadow?: number
}

/** What the broker says of a plugin, as far as it is printed. */
export interface ShownPlugin {
  readonly plugin: string
  readonly version?: string
  readonly state?: string
  readonly serving: ShownDeployment | null
  readonly before: readonly ShownDeployment[]
  readonly candidate: { readonly digest: string; readonly state: string } | null
  readonly shadow?: ShownShadow
  readonly widenings?: readonly {
    readonly capability: string
    readonly bound: string
    readonly before: string
    readonly after: string
  }[]
}

/** How what is tried does beside what serves. */
export interface ShownShadow {
  readonly compared: number
  readonly same: number
  readonly skipped: number
  readonly differences: Readonly<Record<string, number>>
  readonly examples: readonly {
    readonly hook: string
    readonly kind: string
    readonly topic: string
    readonly serves: string
    readonly tried: string
  }[]
  readonly serves: { readonly p50: number; readonly p99: number }
  readonly tried: { readonly p50: number; readonly p99: number }
}

interface ShownDeployment {
  readonly digest: string
  readonly config: Readonly<Record<string, unknown>>
  readonly at: string
  readonly takenBack: string
}

/**
 * Builds a plugin's folder, uploads it, shows which powers it asks for that nobody has consented to, and lets
 * it serve.
 */
export async function deploy(folder: string, options: DeployOptions): Promise<void> {
  const { bundle, body } = await uploadOf(folder)
  const { name, version } = bundle.manifest
  const tenant = await tenantOf(options)
  const at = await tenantPath({ ...options, tenant }, 'plugins', name)
  const signed = body.minisig === undefined ? '' : ', signed'
  say(options, `${name} ${version}, ${Math.ceil(bundle.code.length / 1024)} KiB${signed}`)
  const uploaded = await askAdmin(options, { method: 'POST', path: `${at}/versions`, body })
  const { digest } = uploaded as { readonly digest: string }
  say(options, `uploaded ${digest.slice(0, 12)} to ${tenant}`)
  const config =
    options.config === undefined ? await configOf(options, at) : await readSettings(options.config)
  const deployed = await (options.shadow === undefined ? deployVersion : tryFirst)(options, at, {
    digest,
    config,
  })
  if (deployed === undefined)
    throw new BulkheadError('ERR_DEPLOYMENT', 'nothing was changed: nobody has consented')
  show(options, deployed, (shown) => [servesLine(shown)])
}

interface UploadBody {
  readonly bundle: string
  readonly minisig?: string
}

/** A folder is built; a file that was built is sent as it is, with the signature beside it, if any. */
async function uploadOf(place: string): Promise<{ readonly bundle: Bundle; readonly body: UploadBody }> {
  if (!place.endsWith('.bundle.json')) {
    const bundle = await buildPlugin(place)
    return { bundle, body: { bundle: bundleText(bundle) } }
  }
  const bundle = await readBundleFile(place)
  const text = await readFile(place, 'utf8')
  const minisig = await readFile(`${place}.minisig`, 'utf8').catch(() => undefined)
  return { bundle, body: { bundle: text, ...(minisig === undefined ? {} : { minisig }) } }
}

/**
 * Lets a version serve, once the powers are consented to that it asks for beyond those of the one before.
 *
 * @returns undefined: nobody consented.
 */
export async function deployVersion(
  options: DeployOptions,
  at: string,
  deployment: { readonly digest: string; readonly config: unknown; readonly mode?: 'shadow' },
): Promise<ShownPlugin | undefined> {
  const ask = (body: object): Promise<unknown> =>
    askAdmin(options, { method: 'POST', path: `${at}/deploy`, body })
  const first = (await ask(deployment)) as ShownPlugin
  if (first.candidate?.state !== 'pending-consent') return first
  for (const { capability, bound, before, after } of first.widenings ?? []) {
    const what = bound === '' ? capability : `${capability}.${bound}`
    const change = before === '' ? after : `${before} -> ${after}`
    process.stderr.write(`  asks for ${printable(what)}: ${printable(change)}\n`)
  }
  if (!(await confirm('Let it have these powers?', options.yes))) return undefined
  return (await ask({ ...deployment, consent: deployment.digest })) as ShownPlugin
}

/**
 * Tries a version in the shadow of the one that serves, shows where they differ, and asks whether it is to
 * serve; where nothing serves, there is nothing to compare it with.
 */
async function tryFirst(
  options: DeployOptions,
  at: string,
  deployment: { readonly digest: string; readonly config: unknown },
): Promise<ShownPlugin | undefined> {
  const { serving } = (await askAdmin(options, { path: at })) as ShownPlugin
  if (serving === null) return deployVersion(options, at, deployment)
  const tried = await deployVersion(options, at, { ...deployment, mode: 'shadow' })
  if (tried === undefined) return undefined
  say(options, `tries it beside what serves, for ${options.shadow} s`)
  await pause((options.shadow ?? 0) * 1000)
  const { shadow } = (await askAdmin(options, { path: at })) as ShownPlugin
  for (const line of shadow === undefined ? [] : shadowLines(shadow)) say(options, line)
  if (await confirm('Let it serve?', options.yes))
    return (await askAdmin(options, { method: 'POST', path: `${at}/promote` })) as ShownPlugin
  await askAdmin(options, { method: 'DELETE', path: `${at}/shadow` })
  return undefined
}

/** Where two versions differ. */
function shadowLines(shadow: ShownShadow): readonly string[] {
  const { compared, same, differences, skipped, examples, serves, tried } = shadow
  const counts = Object.entries(differences).filter(([, count]) => count > 0)
  return [
    `  ${compared} questions, ${same} answered alike${skipped > 0 ? `, ${skipped} not compared` : ''}`,
    ...counts.map(([kind, count]) => `  ${kind}: ${count}`),
    ...examples.map(
      ({ hook, kind, topic, serves: before, tried: after }) =>
        `    ${hook} ${printable(topic)}  ${kind}: ${printable(before)} -> ${printable(after)}`,
    ),
    `  p50 ${serves.p50} -> ${tried.p50} ms, p99 ${serves.p99} -> ${tried.p99} ms at most`,
  ]
}

/** The options that it was deployed with last. */
async function configOf(options: AdminOptions, at: string): Promise<unknown> {
  const { serving } = (await askAdmin(options, { path: at })) as ShownPlugin
  return serving?.config ?? {}
}

export function servesLine({ plugin, version = '', serving, state = '' }: ShownPlugin): string {
  if (serving === null) return `nothing of ${plugin} serves`
  return `${plugin} ${printable(version)} serves, ${state}  (${serving.digest.slice(0, 12)})`
}

/** Progress, for who looks on. */
function say({ json }: AdminOptions, line: string): void {
  if (json !== true) process.stderr.write(`${line}\n`)
}
