import {
  ANSWERS_KIB,
  BATCH_MS,
  CALL_ARGUMENT_CHARS,
  CALLS_UNDER_WAY,
  CLOSE_MS,
  FRAME_QUESTIONS,
  GUEST_DETAIL_CHARS,
  HEAP_FULL_SHARE,
  HEAP_LOOK_MS,
  INLINE_VERDICT_CHARS,
  LATE_ANSWERS_KIB,
  LOG_FIELDS_CHARS,
  LOG_FRAME_CHARS,
  LOG_TEXT_CHARS,
  MANIFEST_CHARS,
  ORDERS_PER_CROSSING,
  OUTBOX_CHARS,
  QUESTIONS_WAITING,
  type SandboxLimits,
  TIMER_MOST_MS,
  TIMER_MS,
  TIMERS,
} from '../../limits.ts'
import { CAPABILITIES, type CapabilityName, type Manifest } from '../../manifest/manifest.ts'
import type { BrokerConfig } from '../../sdk/broker-config.ts'
import { HOOKS } from '../../sdk/hooks.ts'
import type { IsolateLimits, LoadSettings } from '../../wire/messages.ts'
import type { PreparedPlugin, TenantSpec } from '../host-ports.ts'

/** Where nobody configured a broker: in a test. */
const NO_CONFIG: BrokerConfig = {
  listeners: [],
  mqtt: {},
  tenant: { name: '', anonymous: false, topicDefault: 'allow', quotas: {}, settings: {} },
  settings: {},
}
/** Capabilities that change what an event holds; the others are powers, and live in `ctx`. */
const IN_EVENTS: readonly CapabilityName[] = ['password', 'payload']

/**
 * The body of a `load` frame.
 *
 * @param unmeasuredMs for how long the isolate is not made anew for being full.
 */
export function loadBody(
  { tenant, brokerConfig }: Pick<TenantSpec, 'tenant' | 'brokerConfig'>,
  plugin: PreparedPlugin,
  manifest: Manifest,
  code: string,
  limits: SandboxLimits,
  unmeasuredMs: number,
): string {
  const { capabilities } = plugin
  const settings: LoadSettings = {
    name: plugin.name,
    version: manifest.version,
    // wherever it runs, its `ctx` is the one that its author was promised
    tenant: manifest.for === 'client' ? undefined : tenant,
    config: plugin.config,
    hooks: manifest.hooks.map((hook) => HOOKS.indexOf(hook)),
    log: capabilities.log !== undefined,
    powers: powersOf(capabilities),
    bytes: IN_EVENTS.some((name) => capabilities[name] !== undefined),
    absent: absentPowers(capabilities),
    brokerConfig: capabilities.brokerConfig === undefined ? undefined : (brokerConfig ?? NO_CONFIG),
    unmeasuredMs,
    limits: isolateLimits(limits),
  }
  return `${JSON.stringify(settings)}\n${code}`
}

/** The body of a `probe` frame: nothing is granted, nothing is configured, no hook runs. */
export function probeBody(name: string, code: string, limits: SandboxLimits): string {
  const settings: LoadSettings = {
    name,
    version: '0.0.0',
    tenant: undefined,
    config: {},
    hooks: [],
    log: false,
    powers: {},
    bytes: false,
    absent: absentPowers({}),
    brokerConfig: undefined,
    unmeasuredMs: 0,
    limits: isolateLimits(limits),
  }
  return `${JSON.stringify(settings)}\n${code}`
}

/** What a cell's longest answer can measure: verdicts and log lines in UTF-8, with the JSON around them. */
export function maxAnswerBytes(limits: SandboxLimits): number {
  // text within text: each quote takes two characters
  const atOnce = 2 * (ANSWERS_KIB * 1024 + limits.verdictKiB * 1024)
  // what a promise comes to is not counted before it is there, and each of a frame may come to its most
  const promised = 2 * FRAME_QUESTIONS * limits.verdictKiB * 1024 + LATE_ANSWERS_KIB * 1024
  // the last line of a frame may begin below the bound; its characters may each take six when escaped
  const logs = LOG_FRAME_CHARS + 6 * (LOG_TEXT_CHARS + LOG_FIELDS_CHARS)
  // calls of this crossing, and effects that were held back until now
  const outbox = 2 * OUTBOX_CHARS
  const around = FRAME_QUESTIONS * (6 * GUEST_DETAIL_CHARS + 64) + QUESTIONS_WAITING * 128
  // what is JSON already takes three bytes a character at most
  return 3 * (atOnce + promised + logs + outbox + around)
}

function isolateLimits(limits: SandboxLimits): IsolateLimits {
  return {
    heapMiB: limits.heapMiB,
    heapFullShare: HEAP_FULL_SHARE,
    heapLookMs: HEAP_LOOK_MS,
    softMs: limits.softMs,
    activateMs: limits.activateMs,
    closeMs: CLOSE_MS,
    batchMs: BATCH_MS,
    answersChars: ANSWERS_KIB * 1024,
    lateChars: LATE_ANSWERS_KIB * 1024,
    manifestChars: MANIFEST_CHARS,
    verdictChars: limits.verdictKiB * 1024,
    inlineChars: INLINE_VERDICT_CHARS,
    detailChars: GUEST_DETAIL_CHARS,
    logsPerCall: limits.logsPerCall,
    logTextChars: LOG_TEXT_CHARS,
    logFieldsChars: LOG_FIELDS_CHARS,
    logCharsPerFrame: LOG_FRAME_CHARS,
    capabilityCallsPerCall: limits.capabilityCallsPerCall,
    callsUnderWay: CALLS_UNDER_WAY,
    publishesPerCall: limits.publishesPerCall,
    argumentChars: CALL_ARGUMENT_CHARS,
    outboxChars: OUTBOX_CHARS,
    ordersPerCrossing: ORDERS_PER_CROSSING,
    timers: TIMERS,
    timerMs: TIMER_MS,
    timerMostMs: TIMER_MOST_MS,
  }
}

/** What `ctx` has beside the log, each with its bounds. */
function powersOf(granted: PreparedPlugin['capabilities']): LoadSettings['powers'] {
  const powers = Object.entries(granted).filter(
    ([name]) => name !== 'log' && !(IN_EVENTS as readonly string[]).includes(name),
  )
  return Object.fromEntries(powers)
}

/** Powers that `ctx` does not have, with the sentence that says where to ask for each. */
function absentPowers(granted: PreparedPlugin['capabilities']): Readonly<Record<string, string>> {
  const absent: Record<string, string> = {}
  for (const name of CAPABILITIES) {
    if (IN_EVENTS.includes(name)) continue
    if (granted[name] === undefined) {
      absent[name] =
        `ctx.${name} is not granted: ask for it with \`capabilities: { ${name}: … }\` in definePlugin`
    }
  }
  return absent
}
