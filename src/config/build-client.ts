import path from 'node:path'
import { DEFAULT_LIMITS, type SandboxLimits } from '../../sandbox/index.ts'
import { BulkheadError } from '../base/errors.ts'
import type { PluginConfig, SandboxConfig } from './broker-config.ts'
import { parseBrokerUri, URI_EXPECTED } from './broker-uri.ts'
import type { BrokerAddress, ClientConfig, ClientTlsConfig, WillConfig } from './client-config.ts'
import type { ConfigProblems } from './config-problems.ts'
import type { ConfigTree } from './config-tree.ts'
import { pluginGrants, tenantGrants, type WrittenGrants } from './grants.ts'
import { certificateMistake, readAuthorities, readCertificates, readKey } from './pem-files.ts'
import { locatePlugin, type PluginEntry, pluginEntries } from './plugin-entries.ts'

const LOCAL = 'mqtt://127.0.0.1:1883'

type ConnectionKey = 'uri' | 'cafile' | 'capath' | 'cadata' | 'certfile' | 'keyfile'
type WrittenConnection = Readonly<Partial<Record<ConnectionKey, string>>>
type WrittenPublishing = { readonly qos: 0 | 1 | 2; readonly retain: boolean }

/** A client's config as the schema lets it be written, defaults filled in. */
interface WrittenClient {
  readonly connection?: WrittenConnection
  readonly broker?: WrittenConnection
  readonly client_id?: string
  readonly username?: string
  readonly password?: string
  readonly protocol_version: 3 | 4 | 5
  readonly cleansession: boolean
  readonly keep_alive: number
  readonly ping_delay: number
  readonly connection_timeout: number
  readonly auto_reconnect: boolean
  readonly reconnect_retries: number
  readonly reconnect_max_interval: number
  readonly default_qos: 0 | 1 | 2
  readonly default_retain: boolean
  readonly topics: Readonly<Record<string, WrittenPublishing>>
  readonly will?: WillConfig
  readonly check_hostname: boolean
  readonly verify_cert: boolean
  readonly plugins: unknown
  readonly allow: WrittenGrants
  readonly sandbox: { readonly jail: SandboxConfig['jail']; readonly limits: Partial<SandboxLimits> }
}

/** What a client's config is built from. */
export interface ClientSources {
  readonly tree: ConfigTree
  /** Of the right shape, defaults filled in. */
  readonly root: Readonly<Record<string, unknown>>
  readonly baseDir: string
  readonly problems: ConfigProblems
}

/** Builds the config that a client uses; what makes no sense goes to `problems`. */
export function buildClient(sources: ClientSources): ClientConfig {
  const { tree, problems } = sources
  const written = sources.root as unknown as WrittenClient
  if (written.connection !== undefined && written.broker !== undefined)
    problems.atKey(tree, '/broker', '"broker" is an older name of "connection": keep one of them')
  // a client is its user's own: its plugins may use the processor as they like
  const limits = { ...DEFAULT_LIMITS, cpuShare: Number.POSITIVE_INFINITY, ...written.sandbox.limits }
  const entries = pluginEntries(written.plugins, '/plugins')
  if (entries.length > limits.plugins) {
    const why = `${entries.length} plugins, but sandbox.limits.plugins is ${limits.plugins}`
    problems.atKey(tree, '/plugins', why)
  }
  const at = written.connection === undefined ? '/broker' : '/connection'
  const connection = written.connection ?? written.broker ?? {}
  const address = addressOf(connection, at, sources)
  return {
    broker: address,
    clientId: written.client_id,
    username: written.username ?? address.username,
    password: written.password ?? address.password,
    protocolVersion: written.protocol_version,
    cleanSession: written.cleansession,
    keepAliveSec: written.keep_alive,
    pingDelaySec: pingDelay(written, sources),
    connectTimeoutMs: written.connection_timeout * 1000,
    reconnect: reconnectOf(written),
    publishing: {
      qos: written.default_qos,
      retain: written.default_retain,
      topics: new Map(Object.entries(written.topics)),
    },
    will: written.will,
    tls: tlsOf(written, connection, at, sources),
    plugins: entries.flatMap((entry) => buildPlugin(entry, written, sources) ?? []),
    jail: written.sandbox.jail,
    limits,
  }
}

function addressOf(written: WrittenConnection, at: string, { tree, problems }: ClientSources): BrokerAddress {
  const given = parseBrokerUri(written.uri ?? LOCAL)
  // the URI is not repeated: a password may be in it
  if (given === undefined) problems.atValue(tree, `${at}/uri`, `expected ${URI_EXPECTED}`)
  return given ?? (parseBrokerUri(LOCAL) as BrokerAddress)
}

function pingDelay(
  { keep_alive: keepAlive, ping_delay: delay }: WrittenClient,
  sources: ClientSources,
): number {
  if (keepAlive > 0 && delay >= keepAlive) {
    const less = `expected less than keep_alive, which is ${keepAlive}, got ${delay}`
    sources.problems.atValue(
      sources.tree,
      sources.tree.keys.has('/ping_delay') ? '/ping_delay' : '/keep_alive',
      less,
    )
  }
  return delay
}

function reconnectOf(written: WrittenClient): ClientConfig['reconnect'] {
  const { reconnect_retries: retries, reconnect_max_interval: maxIntervalSec } = written
  if (!written.auto_reconnect || retries === 0) return undefined
  return {
    retries: retries < 0 ? Number.POSITIVE_INFINITY : retries,
    maxIntervalMs: maxIntervalSec * 1000,
  }
}

function tlsOf(
  written: WrittenClient,
  { cafile, capath, cadata, certfile, keyfile }: WrittenConnection,
  at: string,
  { tree, baseDir, problems }: ClientSources,
): ClientTlsConfig {
  const { check_hostname: checkHostname, verify_cert: verifyCert } = written
  if (!verifyCert && checkHostname) {
    const why = 'a certificate that nobody vouches for proves no host: check_hostname must be false as well'
    problems.atValue(tree, '/verify_cert', why)
  }
  if ((certfile === undefined) !== (keyfile === undefined)) {
    const [given, lacking] = certfile === undefined ? ['keyfile', 'certfile'] : ['certfile', 'keyfile']
    problems.atKey(tree, `${at}/${given}`, `${given} needs ${lacking}`)
  }
  const read = <T>(
    key: ConnectionKey,
    file: string | undefined,
    reader: (file: string) => T,
  ): T | undefined => {
    try {
      return file === undefined ? undefined : reader(path.resolve(baseDir, file))
    } catch (error) {
      if (!(error instanceof BulkheadError)) throw error
      problems.atValue(tree, `${at}/${key}`, error.message, error.code)
      return undefined
    }
  }
  const wrong = cadata === undefined ? undefined : certificateMistake(cadata)
  if (wrong !== undefined) problems.atValue(tree, `${at}/cadata`, wrong)
  const [cert, key] = [read('certfile', certfile, readCertificates), read('keyfile', keyfile, readKey)]
  return {
    authorities: [
      read('cafile', cafile, readCertificates) ?? [],
      read('capath', capath, readAuthorities) ?? [],
      cadata ?? [],
    ].flat(),
    own: cert === undefined || key === undefined ? undefined : { cert, key },
    checkHostname,
    verifyCert,
  }
}

function buildPlugin(
  entry: PluginEntry,
  written: WrittenClient,
  { tree, baseDir, problems }: ClientSources,
): PluginConfig | undefined {
  const allow = pluginGrants(tenantGrants(written.allow), entry.capabilities, (capability, why) =>
    problems.atValue(tree, `${entry.pointer}/capabilities/${capability}`, why),
  )
  if (Object.keys(entry.onFault).length > 0)
    problems.atKey(tree, `${entry.pointer}/onFault`, "a client's plugins are told, and asked nothing")
  const location = locatePlugin(entry.use, baseDir)
  if (location === undefined) {
    const why = `no plugin at ${JSON.stringify(entry.use)}: paths are relative to ${baseDir}`
    problems.atKey(tree, entry.pointer, why, 'ERR_PLUGIN_NOT_FOUND')
    return undefined
  }
  const { name, options, waitMs, secrets } = entry
  return { name, ...location, options, allow, onFault: {}, waitMs, secrets }
}
