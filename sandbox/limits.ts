/**
 * Every number of the sandbox, in one place. Units are in the names. The operator's `sandbox.limits` overrides
 * those of {@link DEFAULT_LIMITS}; the rest is fixed.
 */
export interface SandboxLimits {
  /** An isolate's V8 heap. */
  readonly heapMiB: number
  /** A cell's RLIMIT_DATA: the memory wall. */
  readonly dataMiB: number
  /** A cell's resident set, sampled while it is busy. */
  readonly rssMiB: number
  /** Isolate time of one crossing. */
  readonly softMs: number
  /** The broker's wall clock for a frame without an outstanding capability. */
  readonly wallMs: number
  /** Waiting on granted capabilities, by kind of hook. */
  readonly waitMs: { readonly authenticate: number; readonly authorize: number }
  /** Evaluating a bundle and its `setup`. */
  readonly activateMs: number
  readonly bundleKiB: number
  readonly configKiB: number
  readonly verdictKiB: number
  readonly payloadKiB: number
  readonly questionsQueued: number
  readonly logsPerCall: number
  readonly logsPerSec: number
  readonly publishesPerCall: number
  readonly publishesPerSec: number
  readonly capabilityCallsPerCall: number
  readonly kvValueKiB: number
  readonly kvMiB: number
  readonly fetchConcurrent: number
  readonly fetchKiB: number
  readonly cpuShare: number
  readonly plugins: number
}

export const DEFAULT_LIMITS: SandboxLimits = {
  heapMiB: 32,
  dataMiB: 300,
  rssMiB: 256,
  softMs: 50,
  wallMs: 150,
  waitMs: { authenticate: 5000, authorize: 1000 },
  activateMs: 500,
  bundleKiB: 512,
  configKiB: 16,
  verdictKiB: 16,
  payloadKiB: 64,
  questionsQueued: 1024,
  logsPerCall: 16,
  logsPerSec: 100,
  publishesPerCall: 4,
  publishesPerSec: 100,
  capabilityCallsPerCall: 8,
  kvValueKiB: 16,
  kvMiB: 1,
  fetchConcurrent: 4,
  fetchKiB: 64,
  cpuShare: 0.25,
  plugins: 8,
}

/** A frame holds at most this many questions … */
export const FRAME_QUESTIONS = 64
/** … and this many bytes of their text. */
export const FRAME_KIB = 256
/** Frames under way to one cell: enough that it never waits for the broker's turn, few enough to stay answerable. */
export const FRAMES_UNDER_WAY = 4
/** The guest stops a batch after this much of its own time and returns the rest as not begun. */
export const BATCH_MS = 10
/** After a batch ran into the soft limit, its plugin's frames carry one question each for this long. */
export const SINGLE_MS = 10_000
/** The cell that is overdue is killed once it burnt this much CPU since the frame … */
export const OVERDUE_CPU_MS = 100
/** … or when this much wall time passed. */
export const OVERDUE_WALL_MS = 1000
/** What a client may see of a refusal. */
export const REASON_BYTES = 256
/** What a log may see of a fault. */
export const DETAIL_CHARS = 1024
/** A plugin's tellers wait in a queue of this length; past it the oldest is dropped. */
export const TELLERS_QUEUED = 1024
/** Cells that start at once. */
export const STARTS_AT_ONCE = 4
/** The first respawn is at once; a cell that dies again within RESPAWN_WINDOW_MS waits, doubling. */
export const RESPAWN_WINDOW_MS = 60_000
export const RESPAWN_BACKOFF_MS = { first: 1000, last: 60_000 } as const
