/**
 * Every number of the sandbox, in one place. Units are in the names. The operator's `sandbox.limits`
 * overrides those of {@link DEFAULT_LIMITS}; the rest is fixed. How they depend on each other is asserted in
 * `test/sandbox/limits.test.ts`.
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
  /** The broker's clock for one frame: it does not run while a plugin waits for its powers. */
  readonly wallMs: number
  /** Waiting for powers, by kind of hook; `setup` waits as long as `authenticate`. */
  readonly waitMs: { readonly authenticate: number; readonly authorize: number }
  /** Evaluating a bundle and its `setup`, without what that waits for. */
  readonly activateMs: number
  /** A plugin's code. */
  readonly bundleKiB: number
  /** A plugin's options, as JSON. */
  readonly configKiB: number
  /** One verdict, as JSON. */
  readonly verdictKiB: number
  /** A payload that crosses, either way; an event says of a larger one that it was left out. */
  readonly payloadKiB: number
  /** Questions that wait for one plugin; past it they are answered with `overload`. */
  readonly questionsQueued: number
  /** Log lines of one call. */
  readonly logsPerCall: number
  /** Log lines of a tenant. */
  readonly logsPerSec: number
  /** Messages that one call may publish. */
  readonly publishesPerCall: number
  /** Messages that a tenant's plugins may publish together. */
  readonly publishesPerSec: number
  /** How often one call may use powers that answer. */
  readonly capabilityCallsPerCall: number
  /** One value of `kv`, as JSON. */
  readonly kvValueKiB: number
  /** All that a tenant's plugins keep in `kv`. */
  readonly kvMiB: number
  /** A tenant's requests under way. */
  readonly fetchConcurrent: number
  /** A tenant's requests in a second; redirects are not counted. */
  readonly fetchesPerSec: number
  /** A request's body, and a response's after it was decoded. */
  readonly fetchKiB: number
  /** A tenant's questions to databases and directories under way, those that wait for their turn included. */
  readonly sourceCallsConcurrent: number
  /** A tenant's questions to databases and directories. */
  readonly sourceCallsPerSec: number
  /** What a database or a directory answers, as JSON. */
  readonly sourceKiB: number
  /** A tenant's part of one core, in the long run. */
  readonly cpuShare: number
  /** Plugins of a tenant. */
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
  fetchesPerSec: 10,
  fetchKiB: 64,
  sourceCallsConcurrent: 16,
  sourceCallsPerSec: 100,
  sourceKiB: 64,
  cpuShare: 0.25,
  plugins: 8,
}

/**
 * What crosses is bounded as a whole, too: a payload is base64 in an argument ({@link CALL_ARGUMENT_CHARS}),
 * a value of `kv` is text in a text. The operator's limits go no further: no call fails of what the config
 * allowed.
 */
export const LIMITS_MOST = { payloadKiB: 93, fetchKiB: 93, kvValueKiB: 31, sourceKiB: 128 } as const

// --- questions, and the frames that they travel in ---

/** A frame holds at most this many questions … */
export const FRAME_QUESTIONS = 64
/** … and this much of their text; a longer question travels alone. */
export const FRAME_KIB = 256
/**
 * Frames under way to one cell: enough that it never waits for the broker's turn, few enough to stay
 * answerable.
 */
export const FRAMES_UNDER_WAY = 8
/**
 * Frames of all kinds that wait in one cell. A tenant that stops sends as many as it has for each plugin, and
 * an unload behind them.
 */
export const JOBS_UNDER_WAY = 1024
/** The largest frame that a cell accepts: a bundle and its settings. */
export const HOST_FRAME_BYTES = 16_777_216
/** What a plugin is told waits in a queue of this length; past it the oldest is dropped. */
export const TELLERS_QUEUED = 1024
/**
 * What waits for one plugin holds so much text, whatever the counts allow: a client chooses how long an event
 * is. Tellers past it push the oldest out; questions past it are refused.
 */
export const QUEUED_CHARS = { told: 2_097_152, asked: 8_388_608 } as const
/**
 * A question comes back not begun when an isolate has gone, or a batch took its time; one that comes back
 * oftener than all that could be before it in its queue is a lie of the cell's.
 */
export const QUESTION_RETURNS = 1024
/**
 * Subjects that one isolate remembers; past it the oldest is forgotten, and defined again when it comes back.
 */
export const SUBJECTS_KNOWN = 10_000

// --- what comes back: answers, verdicts, faults ---

/**
 * The guest stops a batch when its answers are this long. Parsing them takes the broker's time, and a plugin
 * chooses what they look like, so that this is much less than what is asked.
 */
export const ANSWERS_KIB = 32
/** Verdicts of questions that had waited and end in one crossing; what is longer together is refused. */
export const LATE_ANSWERS_KIB = 256
/**
 * What judging an answer costs the broker, with what comes of it; of a verdict that has more to say its
 * length beside. In bytes, as all work that is done in turns.
 */
export const ANSWER_COST = 64
export const VERDICT_COST = 256
/** A verdict that is longer as JSON crosses as text, to be weighed before it is parsed. */
export const INLINE_VERDICT_CHARS = 256
/** Shorter texts need no weighing. */
export const WEIGHED_CHARS = 1024
/** Values and keys that one JSON text of a plugin's may have: a verdict, an argument … */
export const JSON_PARTS = 2048
/** … and a whole frame, in which long ones are text. */
export const FRAME_PARTS = 32_768
/** Filters, or recipients, that one verdict answers one by one. */
export const FILTERS_PER_VERDICT = 1024
/** Grants of one verdict … */
export const GRANTS_PER_VERDICT = 256
/** … and the levels of their filters together: nodes of the tree that is made of them. */
export const GRANT_LEVELS = 4096
/** Bytes of enhanced authentication data in one answer. */
export const AUTH_DATA_BYTES = 4096
/** Payload bytes of one message that a verdict makes or changes; its whole size is `verdictKiB`. */
export const PATCH_PAYLOAD_BYTES = 65_536
/** Groups of recipients in one verdict for whom a message is changed. */
export const PATCH_GROUPS = 32
/** Messages that one verdict may put in place of one. */
export const REPLACEMENTS = 8
/** How long a verdict may put a will off, in seconds. */
export const WILL_DEFER_SEC = 86_400
/** What a client may see of a refusal. */
export const REASON_BYTES = 256
/** What the guest says of a fault. */
export const GUEST_DETAIL_CHARS = 256
/** What a log, or the audit, may see of a fault or a refusal. */
export const DETAIL_CHARS = 1024

// --- clocks ---

/** How often the clocks of busy cells are looked at; a deadline is no finer than this. */
export const DEADLINE_CHECK_MS = 25
/** So long they are looked at in one turn of the loop, and the others in the next … */
export const WATCH_TURN_MS = 2
/** … and so many questions of one plugin are answered at once for having waited too long. */
export const EXPIRED_AT_ONCE = 256
/** The guest stops a batch after this much of its own time and returns the rest as not begun. */
export const BATCH_MS = 10
/** How questions are told apart by what they took, in seconds; what took longer is counted beside them. */
export const QUESTION_SECONDS = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5] as const
/** After a batch ran into a limit, its plugin's frames carry one question each for this long. */
export const SINGLE_MS = 10_000
/** The cell that is overdue is killed once it burnt this much CPU since the frame … */
export const OVERDUE_CPU_MS = 100
/** … or when this much wall time passed. */
export const OVERDUE_WALL_MS = 1000
/** How long a cell that is to end may take for what it has, `onClose` included. */
export const CLOSE_MS = 500

// --- a cell's life ---

/** A cell that has not said hello by then is killed. */
export const CELL_START_MS = 10_000
/**
 * Cells that start at once: as many as there are cores, within these, since a start is 0.1 s of one's time.
 * Of more at once each would take longer, and none would be there earlier.
 */
export const STARTS_AT_ONCE = { least: 2, most: 16 } as const
/** How long a question waits until the start of its cell begins, where the config says nothing. */
export const START_QUEUE_MS = 30_000
/** Tenants that wait for a place when all cells are at work; past it they are refused. */
export const CELLS_AWAITED = 1024
/** How often it is looked at whose turn is over. */
export const TURNS_CHECK_MS = 100
/** A cell that serves keeps its place for so long, whoever waits: a place is worth no start in less. */
export const CELL_TURN_MS = 1000
/** A cell without a question for this long may make room for anybody, however polite its tenant was. */
export const CELL_REST_MS = 5000
/** What a tenant has made its cell work counts half after this time … */
export const CELL_USE_HALVES_MS = 10_000
/** … and who comes to less than this is polite: on a loaded machine starting a cell alone takes as much. */
export const CELL_USE_POLITE_MS = 500
/** A tenant may start so many cells in a row … */
export const STARTS_IN_A_ROW = 10
/** … and one in this time in the long run. */
export const STARTS_REFILL_MS = 6000
/** The first respawn is at once; a cell that dies again within this time waits … */
export const RESPAWN_WINDOW_MS = 60_000
/** … so long, doubling. */
export const RESPAWN_BACKOFF_MS = { first: 1000, last: 60_000 } as const
/** A cell without a question for this long is stopped, unless a timer may run in it. */
export const IDLE_STOP_MS = 300_000
/** What a cell takes as a rule; the largest (`rssMiB`) is four times as much. */
export const CELL_USUAL_MIB = 64
/** What `maxCells: auto` comes to, however small or large the machine is. */
export const CELLS_AUTO = { least: 4, most: 4096 } as const
/** What a cell wrote to stderr before it died, for the log. */
export const STDERR_CHARS = 4096
/** A cell that writes more to stderr between two answers has broken out: ours has nothing to say there. */
export const STDERR_FLOOD_CHARS: number = 256 * 1024

/**
 * An isolate whose heap holds more than this part of `heapMiB`, without garbage, is made anew before it meets
 * the limit. What is left must do for all that its frame under way still begins.
 */
export const HEAP_FULL_SHARE = 0.75
/** A cell looks at an isolate's heap no oftener than this. Looking takes 0.02 ms. */
export const HEAP_LOOK_MS = 10
/** For being full an isolate is made anew once in this time: what leaks faster meets its limit. */
export const RENEWAL_MS = 10_000

// --- what a tenant has to answer for: processor time, strikes, quarantine ---

/** How often the memory and the CPU time of a busy cell are looked at. */
export const SAMPLE_MS = 200
/** CPU time that a tenant may use at once above its share. */
export const CPU_BURST_MS = 3000
/** Overdrawn again and again for this long: the plugin that took the most is quarantined … */
export const CPU_OVERDRAWN_MS = 30_000
/** … unless there was a pause of this length. */
export const CPU_PAUSE_MS = 2000
/** So many strikes of one source, or so many sources with a strike, have consequences … */
export const STRIKES = 3
/** … if they came within this time. */
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

// --- what is written about plugins: log, faults, audit ---

/** The text of one log line … */
export const LOG_TEXT_CHARS = 512
/** … and its fields, as JSON. */
export const LOG_FIELDS_CHARS = 1024
/** Values of all levels in a line's fields: more do not fit into their text. */
export const LOG_FIELD_VALUES = 1024
/** A frame's log lines together; its questions' budgets may add up to more. */
export const LOG_FRAME_CHARS = 16_384
/** Faults of one plugin that reach the log; the others are counted. */
export const FAULTS_REPORTED_PER_SEC = 20
/** A bundle's source map; a larger one is not used: reading one holds the broker's loop. */
export const SOURCE_MAP_KIB = 512
/** Values and keys of a source map. */
export const SOURCE_MAP_PARTS = 8192
/** Places of a bundle whose origin is remembered. */
export const MAPPED_KEPT = 64
/** Alike entries of the audit within this time are one line, and a second one that counts the others. */
export const AUDIT_WINDOW_MS = 60_000
/** Kinds of entries that are counted at once; past it the oldest count is written early. */
export const AUDIT_WINDOWS = 10_000
/** A capability's name, as a hostile cell says it. */
export const CAPABILITY_CHARS = 32

// --- capability calls, which a question waits for, and effects, which its end releases ---

/** The argument of one of them, as JSON; payloads in base64 included. */
export const CALL_ARGUMENT_CHARS: number = 128 * 1024
/** All calls and effects of one crossing. */
export const OUTBOX_CHARS: number = 256 * 1024
/** What a capability call comes to, as JSON. */
export const CALL_RESULT_CHARS: number = 256 * 1024
/** The results in one frame. */
export const RESUME_CHARS: number = 512 * 1024
/** What a plugin reads of a refusal. */
export const REFUSAL_CHARS = 256
/** Questions of one plugin that wait for capability calls; past it no more are sent to it. */
export const QUESTIONS_WAITING = 1024
/** Calls of one plugin that are not answered, whoever waits; past it they are refused. */
export const CALLS_UNDER_WAY = 256
/** Of these, so many are at work at once; the others wait their turn … */
export const CALLS_AT_ONCE = 16
/** … and their arguments have so much text together; a call past it is refused. */
export const CALLS_WAITING_CHARS: number = 1024 * 1024
/** In one turn of the loop no more calls and effects are begun after so much time … */
export const POWER_TURN_MS = 2
/** … and so many of one tenant wait for their turn at most. */
export const POWERS_WAITING = 4096

// --- powers, one by one ---

/** Timers of one plugin. */
export const TIMERS = 16
/** The shortest time of a timer. */
export const TIMER_MS = 100
/** The longest, a day: nothing of a cell lasts longer with certainty. */
export const TIMER_MOST_MS = 86_400_000
/** How many timers a crossing may start and cancel. */
export const ORDERS_PER_CROSSING = 32
/** Entries of one `list`. */
export const LIST_ENTRIES = 100
/** JSON of one list, which ends earlier: many at once must not make the broker grow. */
export const LIST_CHARS: number = 64 * 1024
/** A key of `kv`. */
export const KV_KEY_BYTES = 256
/** User properties of a message that a plugin publishes, or makes of one. */
export const USER_PROPERTIES = 32
/** A message that plugins cause by messages of plugins: past so many hops it is dropped. */
export const PLUGIN_HOPS = 4
/** Subscriptions that a plugin makes for clients: each may bring a client all its retained messages. */
export const SUBSCRIBES_PER_SEC = 20
/** How often a plugin may take back what it has said: each time, live subscriptions are asked about again. */
export const INVALIDATES_PER_SEC = 10
/** Names of a plugin's metrics. */
export const METRIC_NAMES = 32
/** Text in front of a secret. */
export const SECRET_PREFIX_CHARS = 256

// --- fetch: the bounds of one request and of its tenant ---

/** From the call to the last byte, redirects included. */
export const FETCH_MS = 1000
/** Redirects that one request follows. */
export const FETCH_REDIRECTS = 3
export const FETCH_URL_CHARS = 2048
/** Headers of a request, and of each response: their text … */
export const FETCH_HEADERS_BYTES: number = 16 * 1024
/** … and their number. */
export const FETCH_HEADERS = 64
/** Threads that speak to hosts; tenants share them. */
export const EXCHANGE_THREADS = 4
/** Old space of each: answers, and what they are unpacked from. */
export const EXCHANGE_HEAP_MIB = 64
/** Addresses of one name; a name with more is refused. */
export const FETCH_ADDRESSES = 64
/** Names that the broker looks up at once for all tenants together; past it a fetch is refused. */
export const LOOKUPS_UNDER_WAY = 256
/** How often a name server is asked that does not answer, within the time of a fetch. */
export const LOOKUP_TRIES = 2

// --- query and ldap: the bounds of one question ---

/** What a plugin gives to a query or a search: values by name … */
export const SOURCE_PARAMETERS = 16
/** … each with a name like this … */
export const SOURCE_NAME_CHARS = 64
/** … and of this length, if it is text. */
export const SOURCE_TEXT_BYTES = 4096
/** A password that a directory is asked about. */
export const LDAP_PASSWORD_BYTES = 1024

// --- crypto: the bounds of what runs on the thread pool, which names and files need too ---

/** Data to digest, keys, passwords. */
export const CRYPTO_BYTES: number = 64 * 1024
/** What `randomBytes` gives at once. */
export const RANDOM_BYTES = 1024
/** Password checks that run at once: of all tenants, half of libuv's threads … */
export const COSTLY_AT_ONCE = 2
/** … and of one tenant. */
export const COSTLY_PER_TENANT = 1
/** Password checks that wait: those of one tenant … */
export const COSTLY_WAITING_PER_TENANT = 64
/** … and those of all. */
export const COSTLY_WAITING = 1024
/** A password's hash with its parameters; those that cost more than these are refused: */
export const PASSWORD_HASH_CHARS = 512
/** (as python3-argon2 of Debian 12 makes them, and those of today, with less) */
export const ARGON2_MOST = { memoryKiB: 102_400, passes: 10, lanes: 8 } as const
/** How passwords are hashed here: what OWASP asks for at least. */
export const ARGON2_USUAL = { memoryKiB: 19_456, passes: 2, lanes: 1, saltBytes: 16, keyBytes: 32 } as const
export const BCRYPT_COST = 14
export const PBKDF2_ROUNDS = 1_000_000
/** sha512-crypt; each round hashes the whole password once or twice. */
export const SHA512_CRYPT = {
  leastRounds: 1000,
  rounds: 5000,
  mostRounds: 1_000_000,
  passwordBytes: 128,
} as const
/** A token. */
export const JWT_CHARS: number = 16 * 1024
/** A key as text: PEM, JWK or JWK set. */
export const JWT_KEY_CHARS: number = 32 * 1024
/** Keys of a JWK set. */
export const JWT_KEYS = 32
/** Levels of a token's claims. */
export const JWT_CLAIMS_DEPTH = 32
/** By how much a plugin may let clocks differ. */
export const JWT_CLOCK_TOLERANCE_SEC = 300
/** Bits of an RSA key, and of its exponent: large ones make each check slow, small ones worthless. */
export const RSA_BITS = { least: 2048, most: 8192, exponent: 32 } as const

// --- the jail ---

/** How long a layer of the jail may take to show that it stands; it takes 0.1 s on an idle machine. */
export const JAIL_PROBE_MS = 10_000
/** How long a wrapper may take to end once the cell behind it was killed. */
export const WRAPPER_END_MS = 1000
/** How long what starts cells may take to end, once nobody needs it; it has nothing left to do. */
export const LAUNCHER_END_MS = 1000
/** How long all cells together may take to end, their `onClose` included. */
export const CELLS_END_MS = 2500
/** Processes of one cell that are counted: its wrappers and itself are at most four. */
export const TREE_PROCESSES = 16
/** A cell's threads: Node and V8 have about a dozen, whatever the number of isolates, which have none. */
export const CELL_THREADS = 64
/** A cell's descriptors: Node has about twenty for itself. */
export const CELL_FILES_OPEN = 64
/** What all threads of a cell together may run, where there are control groups: one core. */
export const CELL_CPU = { quotaMicros: 100_000, periodMicros: 100_000 } as const
/** The user that a cell is, where it can be another than the broker's. */
export const NOBODY = 65_534

// --- building a plugin ---

/** A plugin folder has at most this many entries, whatever they are … */
export const FOLDER_ENTRIES = 1000
/** … and this much source text … */
export const FOLDER_MIB = 5
/** … in so many folders within folders. */
export const FOLDER_DEPTH = 16
/** The author's node_modules, of which the declared dependencies alone are read: entries … */
export const PACKAGES_ENTRIES = 20_000
/** … and text. */
export const PACKAGES_MIB = 32
/** Wall time of one build. A small plugin takes 0.2 s; a bomb must not take longer than this. */
export const BUILD_MS = 10_000
/** RLIMIT_DATA of the build's processes. */
export const BUILD_DATA_MB = 300
/** What a build may say: code, source map, errors. */
export const BUILD_OUTPUT_MIB = 16
/** The largest program of our own that the bundler is asked for. */
export const OWN_PROGRAM_BYTES: number = 4 * 1024 * 1024
/** Builds that run at once … */
export const BUILDS_AT_ONCE = 2
/** … and those that wait for their turn; past it a build is refused. */
export const BUILDS_WAITING = 64
/** Bundles that are kept for the next tenant with the same plugin, most of them some 20 KiB. */
export const RECENT_BUNDLES = 32
/** Errors of one build that are shown. */
export const BUILD_ERRORS = 10
/** A bundle file: code, source map and manifest. */
export const BUNDLE_FILE_MIB = 16
/** Levels of its JSON: those of the manifest, and what is around them. */
export const BUNDLE_FILE_DEPTH = 40
/** The path of one file of an upload. */
export const UPLOADED_PATH_CHARS = 255

// --- manifests and options ---

/** The file `plugin.yaml`. */
export const PLUGIN_YAML_KIB = 32
/** A manifest, wherever it is stated: its levels … */
export const MANIFEST_DEPTH = 32
/** … and the values of all levels together. */
export const MANIFEST_NODES = 8192
/** Mistakes in a manifest that are shown at once. */
export const MANIFEST_ERRORS = 20
/** What the code says of itself, as JSON: its options' schema above all. */
export const MANIFEST_CHARS = 65_536
/** The whole answer of a cell in which a plugin says that. */
export const PROBED_BYTES = 262_144
/** The schema of a plugin's options, a safe subset of JSON Schema: levels … */
export const CONFIG_SCHEMA_DEPTH = 8
/** … values of all levels … */
export const CONFIG_SCHEMA_NODES = 256
/** … and text. */
export const CONFIG_SCHEMA_KIB = 16
/** Mistakes in a plugin's options that are shown at once. */
export const CONFIG_ERRORS = 20
