/**
 * Every number of the sandbox, in one place. Units are in the names. The operator's `sandbox.limits`
 * overrides those of {@link DEFAULT_LIMITS}; the rest is fixed.
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
/**
 * The guest stops a batch when its answers are this long. Parsing them takes the broker's time, and a plugin
 * chooses what they look like, so that this is much less than what is asked.
 */
export const ANSWERS_KIB = 32
/** Verdicts of questions that had waited and end in one crossing; what is longer together is refused. */
export const LATE_ANSWERS_KIB = 256
/** A verdict that is longer as JSON crosses as text, to be weighed before it is parsed. */
export const INLINE_VERDICT_CHARS = 256
/** Values and keys that one JSON text of a plugin's may have: a verdict, an argument. */
export const JSON_PARTS = 2048
/** … and a whole frame, in which long ones are text. */
export const FRAME_PARTS = 32_768
/** Shorter texts need no weighing. */
export const WEIGHED_CHARS = 1024
/**
 * Frames under way to one cell: enough that it never waits for the broker's turn, few enough to stay
 * answerable.
 */
export const FRAMES_UNDER_WAY = 8
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
/**
 * What waits for one plugin holds so much text, whatever the counts allow: a client chooses how long a topic,
 * a payload or a packet is. Tellers past it push the oldest out, questions are refused.
 */
export const QUEUED_CHARS = { told: 2_097_152, asked: 8_388_608 } as const
/** Cells that start at once. */
export const STARTS_AT_ONCE = 4
/** The first respawn is at once; a cell that dies again within RESPAWN_WINDOW_MS waits, doubling. */
export const RESPAWN_WINDOW_MS = 60_000
export const RESPAWN_BACKOFF_MS = { first: 1000, last: 60_000 } as const

// --- building and manifests ---
/** A plugin folder has at most this many entries, whatever they are … */
export const FOLDER_ENTRIES = 1000
/** … and this much source text. */
export const FOLDER_MIB = 5
/** The author's node_modules, of which the declared dependencies alone are read. */
export const PACKAGES_ENTRIES = 20_000
export const PACKAGES_MIB = 32
/** Folders within folders. */
export const FOLDER_DEPTH = 16
/** Wall time of one build. A small plugin takes 0.2 s; a bomb must not take longer than this. */
export const BUILD_MS = 10_000
/** RLIMIT_DATA of the build's processes. */
export const BUILD_DATA_MB = 300
/** What a build may say: code, source map, errors. */
export const BUILD_OUTPUT_MIB = 16
export const BUILDS_AT_ONCE = 2
/** Builds that wait for their turn; past it a build is refused. */
export const BUILDS_WAITING = 64
/** Errors of one build that are shown. */
export const BUILD_ERRORS = 10
/** A bundle file: code, source map and manifest. */
export const BUNDLE_FILE_MIB = 16
export const PLUGIN_YAML_KIB = 64
/** A manifest, wherever it is stated: levels, and values of all levels together. */
export const MANIFEST_DEPTH = 32
export const MANIFEST_NODES = 8192
/** Mistakes in a manifest that are shown at once. */
export const MANIFEST_ERRORS = 20
/** What a probed plugin may say of itself, in bytes. */
export const PROBED_BYTES = 262_144
/** What the code says of itself, as JSON: its options' schema above all. */
export const MANIFEST_CHARS = 65_536
/** The safe subset of JSON Schema, SANDBOX.md's bounds. */
export const CONFIG_SCHEMA_DEPTH = 8
export const CONFIG_SCHEMA_NODES = 256
export const CONFIG_SCHEMA_KIB = 16
/** Mistakes in a plugin's options that are shown at once. */
export const CONFIG_ERRORS = 20

// the runtime: sizes and times that no operator needs to change

/** A cell that has not said hello by then is killed. */
export const CELL_START_MS = 10_000
/** `onClose` is best effort. */
export const CLOSE_MS = 500
/** How often the clocks of busy cells are looked at; a deadline is no finer than this. */
export const DEADLINE_CHECK_MS = 25
/** What a cell wrote to stderr before it died, for the log. */
export const STDERR_CHARS = 4096
/**
 * Subjects that one isolate remembers; past it the oldest is forgotten, and defined again when it comes back.
 */
export const SUBJECTS_KNOWN = 10_000
/** What the guest says of a fault. */
export const GUEST_DETAIL_CHARS = 256
export const LOG_TEXT_CHARS = 512
export const LOG_FIELDS_CHARS = 1024
/** Values of all levels in a line's fields: more do not fit into their text. */
export const LOG_FIELD_VALUES = 1024
/** A frame's log lines together; its questions' budgets may add up to more. */
export const LOG_FRAME_CHARS = 16_384
/** The largest frame that a cell accepts: a bundle and its settings. */
export const HOST_FRAME_BYTES = 16_777_216
/** Frames of all kinds that wait in one cell: questions, loads, unloads. */
export const JOBS_UNDER_WAY = 64
/**
 * A question comes back not begun when an isolate has gone, or a batch took its time; one that comes back
 * oftener than all that could be before it in its queue is a lie of the cell's.
 */
export const QUESTION_RETURNS = 1024
/** Filters, or recipients, that one verdict answers one by one. */
export const FILTERS_PER_VERDICT = 1024
/** A bundle's source map; a larger one is not used. Reading one holds the broker's loop. */
export const SOURCE_MAP_KIB = 512
export const SOURCE_MAP_PARTS = 8192
/** Places of a bundle whose origin is remembered. */
export const MAPPED_KEPT = 64
/** Faults of one plugin that reach the log; the others are counted. */
export const FAULTS_REPORTED_PER_SEC = 20

// capabilities: calls that a question waits for, and effects of its end

/** The argument of a capability call, as JSON; payloads in base64 included. */
export const CALL_ARGUMENT_CHARS: number = 128 * 1024
/** Of all capability calls and effects of one crossing. */
export const OUTBOX_CHARS: number = 256 * 1024
/** In one turn of the loop no more calls and effects are begun after so much time … */
export const POWER_TURN_MS = 2
/** … and so many of one tenant wait for their turn at most. */
export const POWERS_WAITING = 4096
/** The results in one frame. */
export const RESUME_CHARS: number = 512 * 1024
/** What a capability call comes to, as JSON. */
export const CALL_RESULT_CHARS: number = 256 * 1024
/** Questions of one plugin that wait for capability calls; past it no more are sent to it. */
export const QUESTIONS_WAITING = 1024
/** Calls of one plugin that are not answered, whoever waits; past it they are refused. */
export const CALLS_UNDER_WAY = 256
/** Of these, so many are at work at once; the others wait their turn. */
export const CALLS_AT_ONCE = 16
/** What a plugin reads of a refusal. */
export const REFUSAL_CHARS = 256
/** Timers of one plugin, and the shortest time of one. */
export const TIMERS = 16
/** How many of them a crossing may start and cancel. */
export const ORDERS_PER_CROSSING = 32
export const TIMER_MS = 100
/** Entries of one `list`. */
export const LIST_ENTRIES = 100
/** JSON of one list, which ends earlier: many at once must not make the broker grow. */
export const LIST_CHARS: number = 64 * 1024
export const KV_KEY_BYTES = 256
/** User properties of a message that a plugin publishes. */
export const USER_PROPERTIES = 32
/** Subscriptions that a plugin makes for clients: each may bring a client all its retained messages. */
export const SUBSCRIBES_PER_SEC = 20
/** Names of a plugin's metrics. */
export const METRIC_NAMES = 32
/** A message that plugins cause by messages of plugins: past so many hops it is dropped. */
export const PLUGIN_HOPS = 4

// fetch: the bounds of one request and of its tenant

/** From the call to the last byte, redirects included. */
export const FETCH_MS = 1000
/** Requests a second of one tenant; redirects are not counted. */
export const FETCHES_PER_SEC = 10
export const FETCH_REDIRECTS = 3
export const FETCH_URL_CHARS = 2048
/** Headers of a request, and of each response. */
export const FETCH_HEADERS_BYTES: number = 16 * 1024
export const FETCH_HEADERS = 64
/** Addresses of one name; a name with more is refused. */
export const FETCH_ADDRESSES = 64
/** Names that the broker looks up at once for all tenants together; past it a fetch is refused. */
export const LOOKUPS_UNDER_WAY = 64

/** Text in front of a secret. */
export const SECRET_PREFIX_CHARS = 256

// crypto: the bounds of what runs on the thread pool, which names and files need too

/** Data to digest, keys, passwords. */
export const CRYPTO_BYTES: number = 64 * 1024
export const RANDOM_BYTES = 1024
/** Password checks of all tenants that run at once, half of libuv's threads, and of one tenant. */
export const COSTLY_AT_ONCE = 2
export const COSTLY_PER_TENANT = 1
/** Those of one tenant that wait, and those of all. */
export const COSTLY_WAITING_PER_TENANT = 64
export const COSTLY_WAITING = 1024
export const PASSWORD_HASH_CHARS = 512
export const ARGON2_MOST = { memoryKiB: 65_536, passes: 10, lanes: 4 } as const
export const BCRYPT_COST = 14
export const PBKDF2_ROUNDS = 1_000_000
export const JWT_CHARS: number = 16 * 1024
/** A key as text: PEM, JWK or JWK set. */
export const JWT_KEY_CHARS: number = 32 * 1024
export const JWT_KEYS = 32
export const JWT_CLAIMS_DEPTH = 32
/** Bits of an RSA key, and of its exponent: large ones make each check slow, small ones worthless. */
export const RSA_BITS = { least: 2048, most: 8192, exponent: 32 } as const
export const JWT_CLOCK_TOLERANCE_SEC = 300

// the jail

/** Processes of one cell that are counted: its wrappers and itself are at most four. */
export const TREE_PROCESSES = 16
/** A cell's threads: Node and V8 have about a dozen, and each isolate may need one more. */
export const CELL_THREADS = 64
/** A cell's descriptors: Node has about twenty for itself. */
export const CELL_FILES_OPEN = 64
/** What all threads of a cell together may run, where there are control groups: one core. */
export const CELL_CPU = { quotaMicros: 100_000, periodMicros: 100_000 } as const
/** The user that a cell is, where it can be another than the broker's. */
export const NOBODY = 65_534
/** How long a layer of the jail may take to show that it stands; it takes 0.1 s on an idle machine. */
export const JAIL_PROBE_MS = 10_000
/** How long a wrapper may take to end once the cell behind it was killed. */
export const WRAPPER_END_MS = 1000

// a cell's life, and what its tenant has to answer for

/** A cell without a question for this long is stopped, unless a timer may run in it. */
export const IDLE_STOP_MS = 300_000
/** What a cell takes as a rule; the largest (`rssMiB`) is four times as much. */
export const CELL_USUAL_MIB = 64
/** However small or large the machine is. */
export const CELLS_AUTO = { least: 4, most: 4096 } as const
/** A tenant may start so many cells in a row, and one each STARTS_REFILL_MS in the long run. */
export const STARTS_IN_A_ROW = 10
export const STARTS_REFILL_MS = 6000
/** So many strikes of one source, or so many sources with a strike, within STRIKE_WINDOW_MS. */
export const STRIKES = 3
export const STRIKE_WINDOW_MS = 60_000
/** How long a source is not listened to; doubling while it goes on. */
export const BLOCK_MS = { first: 10_000, last: 600_000 } as const
/** How long a plugin is quarantined; doubling while it goes on. */
export const QUARANTINE_MS = { first: 60_000, last: 3_600_000 } as const
/** Back from quarantine, one strike within this time sends it there again. */
export const PROBATION_MS = 60_000
/** Sources whose strikes one plugin's record keeps; past it the one that struck longest ago is forgotten. */
export const STRIKE_SOURCES = 1024
/** What is kept of a source's name; a longer one is kept by its hash. */
export const SOURCE_CHARS = 256
/** How often the memory and the CPU time of a busy cell are looked at. */
export const SAMPLE_MS = 200
/** CPU time that a tenant may use at once above its share. */
export const CPU_BURST_MS = 3000
/** Overdrawn again and again for this long, with no pause of CPU_PAUSE_MS: the hungriest plugin goes. */
export const CPU_OVERDRAWN_MS = 30_000
export const CPU_PAUSE_MS = 2000
/** Alike entries of the audit within this time are one line, and a second one that counts the others. */
export const AUDIT_WINDOW_MS = 60_000
/** Kinds of entries that are counted at once; past it the oldest count is written early. */
export const AUDIT_WINDOWS = 10_000
/** A capability's name, as a hostile cell says it. */
export const CAPABILITY_CHARS = 32
