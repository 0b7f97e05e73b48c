import { assert } from '../base/assert.ts'
import type { ConnectionRules, MqttConfig, Quotas } from './broker-config.ts'
import type { ConfigProblems } from './config-problems.ts'
import type { ConfigTree } from './config-tree.ts'
import type { Pointer } from './pointer.ts'
import { parseProtocolVersions } from './protocol-versions.ts'
import { parseQuantity } from './quantity.ts'

/** What may be written as `64KiB`, or as `unlimited`. */
const BOUNDS = [
  'maxInflightMessages',
  'maxInflightBytes',
  'maxQueuedMessages',
  'maxQueuedBytes',
  'messageSizeLimit',
  'globalMaxClients',
  'globalMaxConnections',
] as const

type Bound = (typeof BOUNDS)[number]

/** The keys of a listener's `mqtt:` as the schema lets them be written. */
export type WrittenRules = Partial<Omit<ConnectionRules, 'maximumPacketSize' | 'acceptProtocolVersions'>> & {
  readonly maximumPacketSize?: number | string
  readonly acceptProtocolVersions?: readonly number[] | string
}

/** `mqtt:` as the schema lets it be written, defaults filled in. */
export type WrittenMqtt = Omit<MqttConfig, Bound | keyof WrittenRules> &
  WrittenRules &
  Readonly<Record<Bound, number | string>>

/** `mqtt:` with its sizes as numbers; Infinity where there is no bound. */
export function buildMqtt(written: WrittenMqtt): MqttConfig {
  const bounds = BOUNDS.map((name) => [name, parseQuantity('bytesOrUnlimited', written[name])] as const)
  return {
    ...written,
    serverKeepAlive: written.serverKeepAlive,
    ...rulesOf(written),
    ...(Object.fromEntries(bounds) as Record<Bound, number>),
  } as MqttConfig
}

/** What the rules say that may be written in more than one way. */
function rulesOf({ maximumPacketSize, acceptProtocolVersions, ...rest }: WrittenRules): Partial<MqttConfig> {
  const bytes = maximumPacketSize === undefined ? undefined : parseQuantity('bytes', maximumPacketSize)
  const versions =
    acceptProtocolVersions === undefined ? undefined : parseProtocolVersions(acceptProtocolVersions)
  return {
    ...rest,
    ...(bytes === undefined ? {} : { maximumPacketSize: bytes }),
    ...(versions === undefined ? {} : { acceptProtocolVersions: versions }),
  }
}

/** What tenants and their plugins count on: a listener may only have less of it than there is for all. */
const AT_MOST = ['maximumPacketSize', 'maximumQos'] as const

/**
 * What holds for the clients of one listener: its own words before those for all.
 *
 * @param at where the listener's `mqtt:` stands.
 */
export function listenerMqtt(
  mqtt: MqttConfig,
  written: WrittenRules,
  at: Pointer,
  { tree, problems }: { readonly tree: ConfigTree; readonly problems: ConfigProblems },
): MqttConfig {
  const own = { ...mqtt, ...rulesOf(written) }
  for (const key of AT_MOST) {
    if (own[key] <= mqtt[key]) continue
    const why = `expected at most mqtt.${key}, which is ${mqtt[key]}, got ${own[key]}`
    problems.atValue(tree, `${at}/${key}`, why)
  }
  return own
}

/** The quotas that a key of `mqtt:` bounds for every tenant. */
const QUOTA_BOUNDS: readonly (readonly [keyof Quotas, keyof MqttConfig])[] = [
  ['inflightMessages', 'maxInflightMessages'],
  ['inflightBytes', 'maxInflightBytes'],
  ['queuedMessages', 'maxQueuedMessages'],
  ['queuedBytes', 'maxQueuedBytes'],
  ['sessionExpirySec', 'sessionExpiryIntervalMax'],
]

/** A tenant's quotas, none of them above what `mqtt:` allows every tenant. */
export function boundedQuotas(quotas: Quotas, mqtt: MqttConfig): Record<keyof Quotas, number> {
  const bounded = QUOTA_BOUNDS.map(([quota, key]) => {
    const most = mqtt[key]
    assert(typeof most === 'number', 'what bounds a quota is a number')
    return [quota, Math.min(quotas[quota], most)] as const
  })
  return { ...quotas, ...Object.fromEntries(bounded) }
}
