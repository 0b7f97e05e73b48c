import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { assert } from '../base/assert.ts'
import { messageOf } from '../base/errors.ts'
import { isLoopback } from '../base/loopback.ts'
import { parseBindAddress } from './bind-address.ts'
import type {
  CertificateFiles,
  ListenerConfig,
  MqttConfig,
  ProxyConfig,
  TenantConfig,
  TlsConfig,
} from './broker-config.ts'
import { listenerMqtt, type WrittenRules } from './build-mqtt.ts'
import type { ConfigProblems } from './config-problems.ts'
import { type ConfigTree, isPlainMap } from './config-tree.ts'
import { childPointer, type Pointer } from './pointer.ts'

/** A listener as the schema lets it be written, defaults filled in. */
export interface WrittenListener {
  readonly type: ListenerConfig['type']
  readonly bind: string
  readonly socketMode?: string
  path?: string
  readonly websocketsOrigin?: readonly string[]
  readonly maxConnections: number
  readonly connectsPerSec?: number
  readonly mqtt?: WrittenRules
  readonly tls?: WrittenTls
  readonly proxyProtocol?: ProxyConfig
}

interface WrittenFiles {
  readonly certFile: string
  readonly keyFile: string
  readonly keyPassphrase?: string
  readonly caFile?: string
  readonly crlFile?: string
}

interface WrittenTls extends WrittenFiles {
  readonly clientCertificate: TlsConfig['clientCertificate']
  readonly minVersion: TlsConfig['minVersion']
  readonly ciphers?: string
  readonly sni: Readonly<Record<string, WrittenFiles>>
  readonly handshakeTimeoutSec: number
  readonly maxHandshakes: number
}

/** What the listeners of a config are built from. */
export interface ListenerSources {
  readonly tree: ConfigTree
  readonly written: Readonly<Record<string, WrittenListener>>
  readonly baseDir: string
  readonly demo: boolean
  readonly problems: ConfigProblems
  readonly tenants: readonly Pick<TenantConfig, 'match'>[]
  readonly mqtt: MqttConfig
}

/** Permissions of a Unix socket's file, where nothing is written. */
const SOCKET_MODE = '0660'

/** Builds the listeners in file order. What makes no sense goes to `problems`. */
export function buildListeners(sources: ListenerSources): ListenerConfig[] {
  const listeners = Object.entries(sources.written).map(([name, written]) =>
    buildListener(name, written, sources),
  )
  checkAddresses(listeners, sources)
  return listeners
}

function buildListener(name: string, written: WrittenListener, sources: ListenerSources): ListenerConfig {
  const at = childPointer('/listeners', name)
  const address = parseBindAddress(written.bind)
  assert(address !== undefined, 'the schema checked the format of a bind address')
  checkKeys(at, written, sources)
  const { type, socketMode = SOCKET_MODE, path: own = '', websocketsOrigin, tls, proxyProtocol } = written
  // the schema fills in a path for every listener
  if (type === 'tcp') delete written.path
  const socketPath = 'socketPath' in address ? path.resolve(sources.baseDir, address.socketPath) : undefined
  return {
    name,
    type,
    ...('socketPath' in address ? { host: '', port: 0 } : address),
    socket: socketPath === undefined ? undefined : { path: socketPath, mode: Number.parseInt(socketMode, 8) },
    paths: type === 'ws' ? [...new Set([own, ...matchedPaths(name, sources)])] : [],
    origins: websocketsOrigin,
    maxConnections: written.maxConnections,
    connectsPerSec: written.connectsPerSec ?? Number.POSITIVE_INFINITY,
    mqtt: listenerMqtt(sources.mqtt, written.mqtt ?? {}, `${at}/mqtt`, sources),
    tls: tls && buildTls(tls, `${at}/tls`, sources),
    proxies: proxyProtocol,
  }
}

/** Where a tenant is known by its path, that path must be open. */
function matchedPaths(listener: string, { tenants }: ListenerSources): string[] {
  return tenants.flatMap(({ match }) => {
    const isHere = match?.listener === undefined || match.listener === listener
    return isHere && match?.wsPath !== undefined ? [match.wsPath] : []
  })
}

/** Keys that mean nothing for this kind of listener. */
function checkKeys(at: Pointer, written: WrittenListener, { tree, problems }: ListenerSources): void {
  const { listeners } = tree.root
  const given = isPlainMap(listeners) ? listeners[at.slice('/listeners/'.length)] : undefined
  const refuse = (key: string, why: string): void => {
    if (isPlainMap(given) && given[key] !== undefined) problems.atKey(tree, `${at}/${key}`, why)
  }
  if (written.type === 'tcp') {
    refuse('path', 'a tcp listener has no path')
    refuse('websocketsOrigin', 'a tcp listener has no websocketsOrigin')
  }
  if (written.tls !== undefined && written.proxyProtocol !== undefined) {
    const { require } = written.proxyProtocol
    const why = 'require is about the TLS that a proxy ends: here the listener ends it'
    if (require !== 'nothing') problems.atKey(tree, `${at}/proxyProtocol/require`, why)
  }
  if (written.bind.startsWith('unix:')) refuse('tls', 'a Unix socket needs no TLS')
  else refuse('socketMode', 'only a Unix socket (bind: unix:PATH) has a socketMode')
}

function buildTls(written: WrittenTls, at: Pointer, sources: ListenerSources): TlsConfig {
  const { tree, problems } = sources
  const own = buildFiles(written, at, sources)
  const isAsked = written.clientCertificate !== 'none'
  if (isAsked && own.caFile === undefined) {
    const why = `${written.clientCertificate} needs a caFile: whose certificates are good?`
    problems.atValue(tree, `${at}/clientCertificate`, why)
  }
  const names = Object.entries(written.sni).map(([name, files]) => {
    const built = buildFiles(files, childPointer(`${at}/sni`, name), sources)
    // an authority's list says nothing of another's certificates
    const judges = built.caFile === undefined ? { caFile: own.caFile, crlFile: own.crlFile } : built
    return [name.toLowerCase(), { ...built, ...judges }] as const
  })
  for (const [pointer, files] of [[at, written] as const, ...pointersOf(written, at)]) {
    if (files.caFile !== undefined && !isAsked) {
      const why = "caFile is for clients' certificates: say clientCertificate: request or require"
      problems.atKey(tree, `${pointer}/caFile`, why)
    }
    if (files.crlFile !== undefined && files.caFile === undefined) {
      problems.atKey(
        tree,
        `${pointer}/crlFile`,
        'crlFile needs the caFile of the authorities whose lists these are',
      )
    }
  }
  const { clientCertificate, minVersion, ciphers, handshakeTimeoutSec, maxHandshakes } = written
  const rest = { clientCertificate, minVersion, ciphers, handshakeTimeoutSec, maxHandshakes }
  return { ...own, ...rest, sni: new Map(names) }
}

function pointersOf({ sni }: WrittenTls, at: Pointer): (readonly [Pointer, WrittenFiles])[] {
  return Object.entries(sni).map(([name, files]) => [childPointer(`${at}/sni`, name), files] as const)
}

function buildFiles(written: WrittenFiles, at: Pointer, sources: ListenerSources): CertificateFiles {
  const { tree, baseDir, problems } = sources
  const located = (key: Exclude<keyof WrittenFiles, 'keyPassphrase'>): string | undefined => {
    const value = written[key]
    if (value === undefined) return undefined
    const file = path.resolve(baseDir, value)
    try {
      accessSync(file, constants.R_OK)
    } catch (error) {
      problems.atValue(tree, `${at}/${key}`, `the file cannot be read: ${messageOf(error)}`)
    }
    return file
  }
  return {
    certFile: located('certFile') ?? '',
    keyFile: located('keyFile') ?? '',
    keyPassphrase: written.keyPassphrase,
    caFile: located('caFile'),
    crlFile: located('crlFile'),
  }
}

function checkAddresses(
  listeners: readonly ListenerConfig[],
  { tree, demo, problems }: ListenerSources,
): void {
  const taken = new Map<string, string>()
  for (const { name, host, port, socket } of listeners) {
    const pointer = `${childPointer('/listeners', name)}/bind`
    const address = socket?.path ?? `${host}:${port}`
    const other = taken.get(address)
    if (other !== undefined && (port !== 0 || socket !== undefined)) {
      problems.atValue(tree, pointer, `the listener ${JSON.stringify(other)} has this address already`)
    }
    taken.set(address, name)
    if (demo && socket === undefined && !isLoopback(host)) {
      const why = 'the demo admits anybody, so it listens on loopback only; write a config'
      problems.atValue(tree, pointer, why)
    }
  }
}
