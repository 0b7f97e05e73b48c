import type { IsolateLimits } from '../../sandbox/wire/messages.ts'

/** The guest's limits, as DEFAULT_LIMITS makes them. */
export const ISOLATE_LIMITS: IsolateLimits = {
  heapMiB: 32,
  softMs: 50,
  activateMs: 500,
  closeMs: 500,
  batchMs: 10,
  answersChars: 32_768,
  lateChars: 262_144,
  manifestChars: 65_536,
  verdictChars: 16_384,
  inlineChars: 256,
  detailChars: 256,
  logsPerCall: 16,
  logTextChars: 512,
  logFieldsChars: 1024,
  logCharsPerFrame: 16_384,
  capabilityCallsPerCall: 8,
  callsUnderWay: 256,
  publishesPerCall: 4,
  argumentChars: 131_072,
  outboxChars: 262_144,
  ordersPerCrossing: 32,
  timers: 16,
  timerMs: 100,
  timerMostMs: 86_400_000,
}
