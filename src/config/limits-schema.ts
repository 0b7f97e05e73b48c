import { DEFAULT_LIMITS, LIMITS_MOST, type SandboxLimits } from '../../sandbox/index.ts'
import type { Json } from './schema-nodes.ts'

/** Of each sandbox limit: what it bounds, and the least and most that make sense. */
const LIMITS: Readonly<Record<Exclude<keyof SandboxLimits, 'waitMs'>, readonly [string, number, number]>> = {
  heapMiB: ['An isolate: the V8 heap of one plugin.', 8, 1024],
  dataMiB: ['A cell: the memory that its process can obtain (RLIMIT_DATA).', 128, 16_384],
  rssMiB: ['A cell: resident memory, sampled while it is busy.', 64, 16_384],
  softMs: ['One crossing into an isolate: its own running time.', 1, 10_000],
  wallMs: ['A frame of questions: wall clock, while no capability is awaited.', 10, 60_000],
  activateMs: ["Evaluating a plugin's bundle, and its setup.", 10, 60_000],
  bundleKiB: ['A bundle.', 1, 8192],
  configKiB: ["A plugin's options, as JSON.", 1, 1024],
  verdictKiB: ['One verdict, as JSON.', 1, 256],
  payloadKiB: [
    'The payload of a message that crosses to a plugin; larger ones are left out of the event.',
    0,
    LIMITS_MOST.payloadKiB,
  ],
  questionsQueued: [
    'Questions that wait for one plugin; near this, the tenant is no longer read from.',
    64,
    65_536,
  ],
  logsPerCall: ['Log lines of one call.', 0, 1000],
  logsPerSec: ['Log lines a second.', 0, 10_000],
  publishesPerCall: ['Messages that one call may publish.', 0, 1000],
  publishesPerSec: ['Messages a second that a tenant may publish from plugins.', 0, 100_000],
  capabilityCallsPerCall: ['Capability calls of one call.', 0, 1000],
  kvValueKiB: ['One value of the key-value store.', 1, LIMITS_MOST.kvValueKiB],
  kvMiB: ["A tenant's key-value store.", 0, 1024],
  fetchConcurrent: ['Fetches under way for one tenant.', 0, 64],
  fetchesPerSec: ['Fetches of one tenant in a second.', 0, 10_000],
  fetchKiB: ['The body of a request, and of one fetched response.', 1, LIMITS_MOST.fetchKiB],
  sourceCallsConcurrent: ['Questions of one tenant to databases and directories under way.', 0, 1024],
  sourceCallsPerSec: ['Questions a second of one tenant to databases and directories.', 0, 100_000],
  sourceKiB: ['What a database or a directory answers, as JSON.', 1, LIMITS_MOST.sourceKiB],
  cpuShare: [
    "The share of one core that a tenant's cell may use in the long run. " +
      `Default: ${DEFAULT_LIMITS.cpuShare}; for the tenant "default" unlimited.`,
    0.01,
    64,
  ],
  plugins: ['Plugins of one tenant.', 1, 64],
}

const WAITS = { authenticate: 'a CONNECT', authorize: 'a PUBLISH or SUBSCRIBE' } as const

/**
 * The schema of `sandbox.limits`; a tenant's own has no defaults, because what it leaves out is the
 * operator's.
 */
export function limitsSchema(description: string, withDefaults: boolean): Json {
  const byDefault = (value: unknown): Json => (withDefaults ? { default: value } : {})
  const properties: Record<string, Json> = {}
  for (const [name, [text, minimum, maximum]] of Object.entries(LIMITS)) {
    const type = name === 'cpuShare' ? 'number' : 'integer'
    const value: unknown = DEFAULT_LIMITS[name as keyof typeof LIMITS]
    // like a quota's, the default of the share depends on the tenant
    const byTenant = name === 'cpuShare'
    properties[name] = { description: text, type, minimum, maximum, ...(byTenant ? {} : byDefault(value)) }
  }
  const waiting = 'How long a question may wait for the capabilities that its plugin awaits.'
  properties['waitMs'] = waitMsSchema(waiting, withDefaults)
  return { description, type: 'object', additionalProperties: false, properties, ...byDefault({}) }
}

/** The schema of `waitMs`: of a tenant's limits, and of one plugin, which says what is its own. */
export function waitMsSchema(description: string, withDefaults: boolean): Json {
  const byDefault = (value: unknown): Json => (withDefaults ? { default: value } : {})
  const properties: Record<string, Json> = {}
  for (const [kind, packet] of Object.entries(WAITS)) {
    const value = DEFAULT_LIMITS.waitMs[kind as keyof typeof WAITS]
    const text = `The waiting of ${packet}, in milliseconds.`
    properties[kind] = {
      description: text,
      type: 'integer',
      minimum: 0,
      maximum: 60_000,
      ...byDefault(value),
    }
  }
  return { description, type: 'object', additionalProperties: false, properties, ...byDefault({}) }
}
