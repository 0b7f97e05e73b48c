import { DEFAULT_LIMITS, type SandboxLimits } from '../../sandbox/index.ts'
import type { Grants, MqttConfig, PluginConfig, Quotas, TenantConfig, TenantMatch } from './broker-config.ts'
import { builtIn } from './bundled-plugins.ts'
import { fillTenant, type ShapedTree } from './check-shape.ts'
import type { ConfigProblems } from './config-problems.ts'
import type { ConfigTree } from './config-tree.ts'
import { pluginGrants, tenantGrants, type WrittenGrants } from './grants.ts'
import { grantedSources } from './granted-sources.ts'
import { legacyPlugins } from './legacy-config.ts'
import { fillOptionFiles } from './option-files.ts'
import { locatePlugin, type PluginEntry, pluginEntries } from './plugin-entries.ts'
import { buildBuiltin } from './build-builtin.ts'
import { boundedQuotas } from './build-mqtt.ts'
import { buildSources, type WrittenSources } from './build-sources.ts'
import { childPointer, type Pointer } from './pointer.ts'
import { parseQuantity } from './quantity.ts'
import { BYTE_QUOTAS, DEFAULT_TENANT_QUOTAS, TENANT_QUOTAS } from './quotas.ts'
import { withoutSecrets } from './tenant-view.ts'
import { SINGLE_TENANT_KEYS } from './tenant-schema.ts'
import type { TenantSources as SourcesConfig } from './source-config.ts'
import { CATCH_ALL } from './unreachable-tenants.ts'

/** What the tenants of a config are built from. */
export interface TenantSources {
  readonly tree: ConfigTree
  readonly shaped: ShapedTree
  /** Places whose values must not be shown. */
  readonly secrets: ReadonlySet<Pointer>
  readonly baseDir: string
  readonly problems: ConfigProblems
  readonly mqtt: MqttConfig
  /** The operator's limits and whether it compiles plugins, where a tenant says nothing. */
  readonly limits: SandboxLimits
  readonly jit: boolean
  /** The operator's own databases and directories. */
  readonly shared: SourcesConfig
  /** Takes the places of each plugin's options, for whoever shows the config. */
  readonly optionPlaces: Map<PluginConfig, readonly Pointer[]>
  /** Takes what the operator should know, though it does not stop the start. */
  readonly warnings: string[]
}

type WrittenLimits = Partial<Omit<SandboxLimits, 'waitMs'>> & {
  readonly waitMs?: PluginConfig['waitMs']
}

/** A tenant as the schema lets it be written, defaults filled in. */
interface WrittenTenant extends WrittenSources {
  readonly match?: TenantMatch
  readonly anonymous: boolean
  readonly passwords?: string
  readonly acl?: string
  readonly topicDefault: 'allow' | 'deny'
  readonly allow: WrittenGrants
  readonly allowFailOpen: boolean
  readonly signing: TenantConfig['signing']
  quotas: Readonly<Partial<Record<keyof Quotas, number | string>>>
  readonly settings: Readonly<Record<string, unknown>>
  readonly plugins: unknown
  readonly sandbox: { readonly jit?: boolean; readonly limits?: WrittenLimits }
}

/**
 * Builds the tenants in file order: those under `tenants:`, or the one tenant `default` of the keys at top
 * level. What is filled in is written into the shaped tree too, which is what `config show` shows.
 */
export function buildTenants(sources: TenantSources): TenantConfig[] {
  const { shaped, tree } = sources
  if (tree.root['tenants'] === undefined) {
    const keys = SINGLE_TENANT_KEYS.filter((key) => shaped.root[key] !== undefined)
    const filled = fillTenant(Object.fromEntries(keys.map((key) => [key, shaped.root[key]])))
    const legacy = legacyPlugins(sources)
    if (legacy?.topicDefault !== undefined) filled['topicDefault'] = legacy.topicDefault
    const tenant = buildTenant(CATCH_ALL, filled as unknown as WrittenTenant, '', sources, legacy?.entries)
    for (const key of SINGLE_TENANT_KEYS) if (key in filled) shaped.root[key] = filled[key]
    return [tenant]
  }
  refuseSingleTenantKeys(sources)
  legacyPlugins(sources)
  const written = (shaped.root['tenants'] ?? {}) as Readonly<Record<string, WrittenTenant>>
  const tenants = Object.entries(written).map(([name, tenant]) =>
    buildTenant(name, tenant, childPointer('/tenants', name), sources),
  )
  return tenants
}

function refuseSingleTenantKeys({ tree, problems }: TenantSources): void {
  for (const key of SINGLE_TENANT_KEYS) {
    // those at top level are all tenants', each may have its own beside them
    if (tree.root[key] === undefined || key === 'settings') continue
    problems.atKey(
      tree,
      `/${key}`,
      `with "tenants:", "${key}" belongs to a tenant: move it to tenants.NAME.${key}`,
    )
  }
}

function buildTenant(
  name: string,
  written: WrittenTenant,
  at: Pointer,
  sources: TenantSources,
  entries: readonly PluginEntry[] = pluginEntries(written.plugins, `${at}/plugins`),
): TenantConfig {
  const { upgradeOutgoingQos, queueQos0Messages } = sources.mqtt
  const limits = tenantLimits(name, written.sandbox.limits ?? {}, `${at}/sandbox/limits`, sources)
  const own = at === '' ? sources.shared : buildSources(written, at, sources, sources.shared)
  const allow = grantedSources(tenantGrants(written.allow), own, (capability, why) =>
    sources.problems.atValue(sources.tree, `${at}/allow/${capability}`, why),
  )
  return {
    name,
    match: written.match,
    anonymous: written.anonymous,
    builtin: buildBuiltin(written, at, sources),
    topicDefault: written.topicDefault,
    allow,
    quotas: tenantQuotas(name, written, at, sources),
    delivery: { upgradeOutgoingQos, queueQos0Messages },
    sources: own,
    settings: tenantSettings(written, at, limits, sources),
    plugins: tenantPlugins(entries, written, at, { allow, limits }, sources),
    limits,
    jit: written.sandbox.jit ?? sources.jit,
    allowFailOpen: written.allowFailOpen,
    signing: written.signing,
    origin: (sources.tree.keys.get(at) ?? sources.tree.values.get(at))?.origin,
  }
}

/** They cross into every isolate that may see them, as its options do, and are bounded likewise. */
function tenantSettings(
  written: WrittenTenant,
  at: Pointer,
  limits: SandboxLimits,
  { tree, shaped, problems, secrets }: TenantSources,
): TenantConfig['settings'] {
  const shared = shaped.root['settings'] ?? {}
  const kib = Math.ceil(Buffer.byteLength(JSON.stringify([shared, written.settings])) / 1024)
  if (kib > limits.configKiB) {
    const why = `settings have ${kib} KiB; the limit (sandbox.limits.configKiB) is ${limits.configKiB}`
    problems.atKey(tree, tree.keys.has(`${at}/settings`) ? `${at}/settings` : '/settings', why)
  }
  return withoutSecrets(written.settings, `${at}/settings`, secrets)
}

function tenantQuotas(
  name: string,
  written: WrittenTenant,
  at: Pointer,
  { tree, problems, mqtt }: TenantSources,
): Quotas {
  const defaults = name === CATCH_ALL ? DEFAULT_TENANT_QUOTAS : TENANT_QUOTAS
  const quotas: Record<keyof Quotas, number> = { ...defaults }
  quotas.maximumPacketSize = Math.min(quotas.maximumPacketSize, mqtt.maximumPacketSize)
  for (const [key, value] of Object.entries(written.quotas) as [keyof Quotas, number | string][]) {
    quotas[key] =
      parseQuantity(BYTE_QUOTAS.includes(key) ? 'bytesOrUnlimited' : 'countOrUnlimited', value) ?? quotas[key]
  }
  if (quotas.maximumPacketSize > mqtt.maximumPacketSize) {
    const most = `at most mqtt.maximumPacketSize, which is ${mqtt.maximumPacketSize}`
    problems.atValue(
      tree,
      `${at}/quotas/maximumPacketSize`,
      `expected ${most}, got ${quotas.maximumPacketSize}`,
    )
  }
  const bounded = boundedQuotas(quotas, mqtt)
  const shown = Object.entries(bounded).map(([key, value]) => [
    key,
    Number.isFinite(value) ? value : 'unlimited',
  ])
  // as it was written, but where that does not hold
  const kept = Object.entries(written.quotas).filter(
    ([key]) => bounded[key as keyof Quotas] === quotas[key as keyof Quotas],
  )
  written.quotas = Object.fromEntries([...shown, ...kept]) as WrittenTenant['quotas']
  return bounded
}

function tenantLimits(
  name: string,
  written: WrittenLimits,
  at: Pointer,
  sources: TenantSources,
): SandboxLimits {
  const { tree, problems } = sources
  const limits = operatorLimits(name, sources)
  const refuse = (pointer: Pointer, most: number, given: number): void =>
    problems.atValue(tree, pointer, `expected at most ${most}, the operator's own limit, got ${given}`)
  for (const key of Object.keys(DEFAULT_LIMITS) as (keyof SandboxLimits)[]) {
    const [given, most] = [written[key], limits[key]]
    if (typeof given === 'number' && typeof most === 'number' && given > most)
      refuse(`${at}/${key}`, most, given)
  }
  checkWaits(written.waitMs ?? {}, limits, `${at}/waitMs`, refuse)
  return { ...limits, ...written, waitMs: { ...limits.waitMs, ...written.waitMs } }
}

/** What waits longer than its outer limit is refused. */
function checkWaits(
  written: PluginConfig['waitMs'],
  { waitMs }: SandboxLimits,
  at: Pointer,
  refuse: (pointer: Pointer, most: number, given: number) => void,
): void {
  for (const kind of ['authenticate', 'authorize'] as const) {
    const [given, most] = [written[kind], waitMs[kind]]
    if (given !== undefined && given > most) refuse(`${at}/${kind}`, most, given)
  }
}

/** The tenant `default` is the operator's own: its plugins may use the processor as they like. */
function operatorLimits(name: string, { shaped, limits }: TenantSources): SandboxLimits {
  const { sandbox } = shaped.root as { sandbox: { limits: Partial<SandboxLimits> } }
  const isBound = sandbox.limits.cpuShare !== undefined
  return name === CATCH_ALL && !isBound ? { ...limits, cpuShare: Number.POSITIVE_INFINITY } : limits
}

function tenantPlugins(
  entries: readonly PluginEntry[],
  written: WrittenTenant,
  at: Pointer,
  { allow, limits }: Pick<TenantConfig, 'allow' | 'limits'>,
  sources: TenantSources,
): PluginConfig[] {
  const { tree, problems } = sources
  if (entries.length > limits.plugins) {
    problems.atKey(
      tree,
      `${at}/plugins`,
      `${entries.length} plugins, but sandbox.limits.plugins is ${limits.plugins}`,
    )
  }
  for (const [place, { name, pointer }] of entries.entries()) {
    if (name === 'builtin')
      problems.atKey(tree, pointer, "`builtin` is the broker's own voter: give the plugin another name")
    if (entries.findIndex((other) => other.name === name) === place) continue
    problems.atKey(
      tree,
      pointer,
      `the plugin ${JSON.stringify(name)} is there twice; give one a name: NAME: { use }`,
    )
  }
  return entries.flatMap((entry) => buildPlugin(entry, written, { allow, limits }, sources) ?? [])
}

function buildPlugin(
  entry: PluginEntry,
  written: WrittenTenant,
  { allow: granted, limits }: Pick<TenantConfig, 'allow' | 'limits'>,
  sources: TenantSources,
): PluginConfig | undefined {
  const { tree, problems, baseDir } = sources
  const allow = pluginGrants(grantsFor(entry, written, granted), entry.capabilities, (capability, why) =>
    problems.atValue(tree, `${entry.pointer}/capabilities/${capability}`, why),
  )
  for (const [hook, answer] of Object.entries(entry.onFault)) {
    if (answer !== 'allow' || written.allowFailOpen) continue
    problems.atValue(
      tree,
      `${entry.pointer}/onFault/${hook}`,
      "`allow` needs the tenant's allowFailOpen: true",
    )
  }
  checkWaits(entry.waitMs, limits, `${entry.pointer}/waitMs`, (pointer, most, given) =>
    problems.atValue(tree, pointer, `expected at most ${most}, the tenant's own limit, got ${given}`),
  )
  const instead = builtIn(entry.use)
  if (instead !== undefined) {
    sources.warnings.push(`${JSON.stringify(entry.use)} is no plugin here: ${instead}`)
    return undefined
  }
  const location = entry.location ?? locatePlugin(entry.use, baseDir)
  if (location === undefined) {
    const why = `no plugin at ${JSON.stringify(entry.use)}: paths are relative to ${baseDir}`
    problems.atKey(tree, entry.pointer, why, 'ERR_PLUGIN_NOT_FOUND')
    return undefined
  }
  const { name, onFault, waitMs, secrets } = entry
  const { options, paths } = fillOptionFiles(location.path, entry.options, baseDir, (option, message) =>
    problems.atValue(tree, placeOf(entry, option, tree), `${option}: ${message}`),
  )
  const optionFiles = Object.keys(paths).length === 0 ? {} : { optionFiles: paths }
  const legacy = entry.legacy && ({ sharesOptions: true, unasked: entry.legacy.unasked } as const)
  const plugin = { name, ...location, options, ...optionFiles, ...legacy, allow, onFault, waitMs, secrets }
  sources.optionPlaces.set(plugin, entry.optionsPointers)
  return plugin
}

/** Where an option was written: the older form has it in either of two sections, with `-` or `_`. */
function placeOf({ optionsPointers, pointer }: PluginEntry, option: string, tree: ConfigTree): Pointer {
  const written = optionsPointers.flatMap((at) =>
    [option, option.replaceAll('_', '-')].map((key) => childPointer(at, key)),
  )
  return written.find((place) => tree.values.has(place)) ?? pointer
}

/** In aMQTT's older form, whoever stands in `auth:` sees passwords: that is what the operator says by it. */
function grantsFor({ legacy }: PluginEntry, { allow }: WrittenTenant, granted: Grants): Grants {
  return legacy === undefined || allow.password !== undefined ? granted : { ...granted, password: true }
}
