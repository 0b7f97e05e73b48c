/**
 * Every number of the broker, in one place, section by section. Units are last in the names. What an
 * operator may change is in the config's schema, whose defaults come from here; the sandbox's numbers are in
 * sandbox/limits.ts.
 */

// topics (router)

/**
 * Levels of a topic name or filter, but for the empty one behind a separator at the end: a walk over the tree
 * goes this deep and one deeper.
 */
export const TOPIC_LEVELS = 200
/** Bytes of a topic name or filter: what a UTF-8 string of the standard can hold [MQTT-4.7.3-3]. */
export const TOPIC_BYTES = 65_535
/** Subscriptions with one filter that are taken in one go, while it is looked for who gets a message. */
export const CROWD_AT_ONCE = 64
/** Topics whose route a subscription tree remembers; at the bound it starts anew. */
export const ROUTES_CACHED = 4096
/** Characters of a string that V8 hashes; of a longer one it takes the length for the hash. */
export const HASHED_CHARS = 16_383
/**
 * Characters of a topic up to which what was worked out for it is remembered: its route, its other names, its
 * encoded forms. A longer one is worked out each time, and what reaches a client twice under one name through
 * rewritten subscriptions is sent to it twice.
 */
export const REMEMBERED_TOPIC_CHARS = 1024
/** Matches that these routes hold together: many topics with many subscribers each must not add up. */
export const ROUTE_MATCHES_CACHED = 262_144

// time (base)

/** A turn of the timer wheel: keep alive, will delay and session expiry are no finer than this. */
export const WHEEL_TICK_MS = 1000
/** Slots of the timer wheel, a power of two: what is due later than a round waits for its round. */
export const WHEEL_SLOTS = 512

// turns of the event loop (base)

/**
 * What is done on clients' account in one turn: so long all together, one tenant's so long at a time. The
 * clock is looked at after so much cost, in bytes: a few small packets, or one large one.
 */
export const WORK_TURNS = { turnMs: 4, sliceMs: 1, lookCost: 4096, waitingPerOwner: 1_048_576 } as const
/**
 * What reading a packet costs beside its bytes, what letting one leave that was decided, a delivery, a step
 * of the search for a topic's subscriptions, a subscription that is made, a client's session that begins,
 * with what plugins said of it, and its end.
 */
export const PACKET_COST = 256
export const DECIDED_COST = 1024
export const DELIVERY_COST = 128
export const SEARCH_COST = 32
export const SUBSCRIPTION_COST = 1024
export const SESSION_COST = 4096
export const END_COST = 4096

// config (config)

/** A config file, and a file that a `…File` key names. */
export const CONFIG_FILE_BYTES = 1_048_576
export const SECRET_FILE_BYTES = 65_536
/** What an operator gives one plugin to use and not to see. */
export const SECRETS_PER_PLUGIN = 16
export const SECRET_CHARS = 4096
/**
 * Depth and nodes of a config, aliases counted each time they are used: no small file unfolds into a large
 * one.
 */
export const CONFIG_DEPTH = 32
export const CONFIG_NODES = 100_000
/** Mistakes that one refusal lists. */
export const CONFIG_PROBLEMS = 100
export const LISTENERS = 64
/** Of one listener: names with a certificate of their own, origins of pages, addresses of proxies. */
export const SERVER_NAMES = 10_000
export const WEBSOCKET_ORIGINS = 1024
export const TRUSTED_PROXIES = 1024
export const TENANTS = 10_000
/** Letters of a key for which a nearest one is looked up. */
export const NEAREST_CHARS = 64

// packets (codec)

/** Topic filters of one SUBSCRIBE or UNSUBSCRIBE. */
export const FILTERS_PER_PACKET = 1024
/**
 * User properties of one packet: a pair of empty strings costs 5 bytes on the wire, and hundreds of bytes and
 * nanoseconds where plugins look at the message. Known clients send a dozen.
 */
export const USER_PROPERTIES_PER_PACKET = 256
/** Those of CONNECT, which comes once: clients describe themselves there. */
export const CONNECT_USER_PROPERTIES = 8192
/** Encoded CONNACK packets that are kept: most clients of a tenant are told the same. */
export const CONNACKS_KEPT = 64
/** A longer text is judged by Node's own code, which is quicker once its call is paid for. */
export const TEXT_JUDGED_HERE_BYTES = 256
/** A longer topic name is decoded anew each time: interning it would let a few topics hoard memory. */
export const INTERNED_TOPIC_BYTES = 256
/**
 * Encoded PUBLISH packets are cut from slabs of this size; what is bigger than a quarter gets its own memory.
 */
export const ENCODE_SLAB_BYTES = 65_536

// connection (transport, protocol)

/** Bytes gathered for one socket in one turn; past it they are written at once, in the midst of the turn. */
export const OUT_BYTES_A_TURN: number = 256 * 1024
/**
 * Bytes that wait in front of a socket that takes no more: past it QoS 0 is dropped and nothing new is read.
 */
export const BACKLOG_BYTES: number = 1024 * 1024
/** How long a client may take no byte of what waits for it. */
export const STALLED_MS = 30_000
/** Capacity up to which a drained output buffer is kept for the next connection, and how many are kept. */
export const SINK_KEPT_BYTES: number = 64 * 1024
export const SINKS_KEPT = 256
/** PUBLISH packets of one connection that wait for plugins at once; past it the connection is not read. */
export const PUBLISHES_PARKED = 512
/**
 * How long a connection is silent before the kernel asks whether its peer is there: a client without a keep
 * alive that has vanished is found so, 10 s later, and no sleeping radio is woken often for it.
 */
export const TCP_PROBE_MS = 300_000
/**
 * Newcomers of a listener that may wait where all places are taken, and for how long: who comes back at once
 * finds its own place still taken.
 */
export const DOORWAY = { newcomers: 64, graceMs: 100 } as const
/** How long a refused client may read its refusal before the socket is destroyed. */
export const LINGER_MS = 2000
/**
 * What is read and discarded meanwhile, in bytes, of who was told why and of who was told nothing; who still
 * sends more is destroyed.
 */
export const LINGER_BYTES = { told: 16_777_216, untold: 262_144 } as const
/** The longest that clients are sent away in waves, in seconds; how long a wave is, on average. */
export const DRAIN_MOST_SEC = 3600
export const DRAIN_WAVE_MS = 500
/** How long who is sent away may finish what is under way. */
export const DRAIN_FINISH_MS = 500
/** How long `bulkhead stop` waits for the end of a broker, beside the time of its drain. */
export const STOP_WAIT_MS = 30_000
/** Clients that are sent away in one turn. */
export const FAREWELLS_A_TURN = 100
/** A server reference, as it is told to clients. */
export const SERVER_REFERENCE_CHARS = 1024
/** How long a stopping broker waits for its connections to close before it destroys them. */
export const STOP_GRACE_MS = 1000
/** Bytes of an HTTP upgrade request's WebSocket frame beyond the MQTT packet that it may carry. */
export const WS_FRAME_SLACK: number = 64 * 1024
/**
 * What a fragment of a WebSocket message, and a piece of a frame as it comes from the socket, hold on average
 * at least where a message is as large as may be: smaller ones cost more to keep than they bring.
 */
export const WS_PIECE_BYTES = 256
/** How long a newcomer may take for its upgrade request, how long a proxy for its header. */
export const UPGRADE_MS = 10_000
export const PROXY_HEADER_MS = 5000
/** Newcomers of one listener that have shown neither yet. */
export const ANTEROOM_SOCKETS = 4096
/** A header of the PROXY protocol; real ones with all their facts have a few hundred bytes. */
export const PROXY_HEADER_BYTES = 4096
/** A file of certificates, keys or revocation lists. */
export const TLS_FILE_BYTES = 16_777_216
/** What an encrypted private key is read with; OpenSSL itself takes no more. */
export const KEY_PASSPHRASE_CHARS = 1024
/** How often these files are looked at for changes; one that changed must look alike twice. */
export const TLS_FILES_LOOK_MS = 5000
/** Names in a client's certificate that plugins see, and the length of each, of its subject too. */
export const CERTIFICATE_NAMES = 64
export const CERTIFICATE_NAME_CHARS = 1024
/** Topic names whose bytes are remembered with their string. */
export const TOPIC_NAMES_KEPT = 65_536
/** A keep alive of the client's is met when it is silent for this much of it [MQTT-3.1.2-22]. */
export const KEEP_ALIVE_FACTOR = 1.5
/**
 * Acknowledgements of one connection that wait for the engine to settle their messages; at half of it the
 * connection is not read: what is being decided of what was read fits in the other half.
 */
export const PENDING_ACKS = 4096

/** The longest that one word of a plugin's, or one debt, keeps a client from being read. */
export const THROTTLE_MOST_MS = 60_000
/** Seconds of a rate past which a debt grows no more: as long as anybody waits. */
export const DEBT_MOST_SEC: number = THROTTLE_MOST_MS / 1000
/** A client's limit that it meets with every packet is news once in so long. */
export const CLIENT_LIMIT_TOLD_MS = 1000

// authentication (hooks, protocol)

/** Times that plugins are asked within one enhanced authentication. */
export const AUTH_STEPS = 16
/** Authentication data of one packet of a client's. */
export const AUTH_DATA_BYTES: number = 16 * 1024
/** An authentication is not renewed more often than this, whatever a plugin says. */
export const REFRESH_LEAST_MS = 1000
/** When a renewal that failed is tried again. */
export const REFRESH_RETRY_MS = 5000
/** Of the request that a WebSocket began with: what plugins see of its headers, and of each. */
export const UPGRADE_HEADERS = 32
export const UPGRADE_NAME_CHARS = 64
export const UPGRADE_VALUE_CHARS = 1024

// log and metrics (observe)

/** Counters and gauges of one plugin. */
export const METRICS_PER_PLUGIN = 32
/** Tenants, and plugins, with series of their own, where nothing is written; the others share one. */
export const METRIC_SERIES = { usual: 500, most: 100_000 } as const
/** Samples that are put into text in one turn. */
export const METRIC_SAMPLES_A_TURN = 500
/** How finely the event loop is watched, and how long a span is of which its delay is told. */
export const LOOP_DELAY = { resolutionMs: 10, spanMs: 10_000 } as const
/** Cells of which it is read in one turn what they have used. */
export const CELLS_MEASURED_A_TURN = 20
/** Connections to the metrics' listener at once, how long a request may take, and how large it may be. */
export const METRICS_CONNECTIONS = 32
export const METRICS_REQUEST_MS = 5000
export const METRICS_HEADER_BYTES = 16_384
/**
 * What tenants used: how often it is added up and how often written; how long hours are kept before they
 * become days, and days before they go (13 months); what is written, and read, in one go.
 */
export const USAGE = {
  takeMs: 60_000,
  writeMs: 300_000,
  hoursKeptDays: 35,
  daysKept: 396,
  hoursOfADay: 24,
  spansAtOnce: 100,
  spansRead: 2000,
  stopMs: 1000,
} as const
/** Refusals of one tenant that can be looked up, and characters of each of their texts. */
export const DECISIONS_PER_TENANT = 256
export const DECISION_TEXT_CHARS = 256
/** Refused recipients of one asked batch that are written down; the others were refused alike, as a rule. */
export const REFUSED_RECIPIENTS_KEPT = 4
/** Lines a second about a tenant's refused deliveries: each message may have many, and more matter more. */
export const DELIVERY_LINES_PER_SEC = 5
/** A secret that is shorter is not taken out of log lines: its characters are everywhere. */
export const REDACTED_LEAST_CHARS = 6
/** Lines a second and tenant; what is above is counted, and the count is written. */
export const LOG_LINES_PER_SEC = 200
/** What all tenants do is put into words for so long a turn, of one tenant after the other. */
export const LOG_TURN_MS = 1
/** Lines that wait to be written, in all; what does not fit is counted … */
export const LOG_PENDING_BYTES: number = 2 * 1024 * 1024
/** … and so much of them leaves in one write. */
export const LOG_WRITE_BYTES: number = 64 * 1024
/** How long a process that ends waits for the thread that writes. */
export const LOG_END_MS = 50
/** A pipe that took nothing is tried again after this time. */
export const LOG_RETRY_MS = 20
/** How long a full disk is left alone before it is tried again. */
export const LOG_FULL_RETRY_MS = 1000

// delivery

/** Steps of the search for a topic's subscriptions; a longer one is left there, and gone on with. */
export const SEARCHED_AT_ONCE = 512
/** What costs more together, a copy for each recipient, is delivered as there is time. */
export const DELIVERED_AT_ONCE_COST = 16_384

/**
 * Topic aliases that the broker gives one connection, if the client takes so many, and the characters of
 * their topics: to remember them is all that they cost.
 */
export const TOPIC_ALIASES_SENT = 64
export const ALIASED_TOPIC_CHARS = 8192
/** A message in flight may pin the chunk that it was read with, if that is no bigger than this. */
export const PINNED_CHUNK_BYTES: number = 16 * 1024
/** Targets of one question about receiving: a longer list is asked about in several. */
export const TARGETS_ASKED = 256
/**
 * Waiting messages of one session that plugins are asked about ahead of its window, so that the window is not
 * idle meanwhile.
 */
export const ASKED_AHEAD = 32

// plugins (hooks, protocol)

/** Messages of one tenant's plugins that wait, for its other plugins or for their turn. */
export const PLUGIN_PUBLISHES_ASKED = 256
/** Messages that a tenant's plugins together may make of one, and bytes that they may put into them. */
export const TRANSFORM_OUTPUTS = 32
export const TRANSFORM_BYTES: number = 256 * 1024
/** Bytes that a tenant's plugins have put into messages which wait, to be authorised or for their turn. */
export const TRANSFORM_BYTES_PER_TENANT: number = 16 * 1024 * 1024
/** What plugins read and publish is done for so long a turn each, of one tenant after the other. */
export const PLUGIN_TURN_MS = 1
/** Sessions that one reading looks at before it waits for its next turn. */
export const SESSIONS_PER_LOOK = 2000
/** Readings of one tenant's plugins that wait. */
export const PLUGIN_READS_WAITING = 256
/** Verdicts that are remembered of one client; at the bound its oldest goes. */
export const VERDICTS_PER_CLIENT = 256
/** Verdicts that are remembered of all clients of a tenant … */
export const VERDICTS_PER_TENANT = 65_536
/** … and their text, with what they are about: topics are as long as clients choose. */
export const VERDICT_CHARS_PER_TENANT = 16_777_216
/** What a plugin took back of late, by client or tag: more than it can while a client is authenticated. */
export const REVOCATIONS_PER_PLUGIN = 512
/** Tags of the verdicts that allowed a client's subscriptions; past it, any tag may be one of them. */
export const TAGS_PER_CLIENT = 64
/** Subscriptions of one client that are asked about again at once. */
export const FILTERS_RECHECKED = 256
/** Sessions whose remembered verdicts one turn looks through. */
export const STANDINGS_PER_LOOK = 100
/** Clients of one tenant whose subscriptions are asked about again at once. */
export const CLIENTS_RECHECKED = 16
/** Dropped subscriptions that a plugin is shown. */
export const DROPPED_SHOWN = 100
/**
 * Packets of one tenant that its plugins are told of in one turn of the loop, in KiB, and sent ones that
 * wait for it; each counts as at least one. Beyond it they are counted as dropped: describing them takes the
 * broker's time, and clients send them.
 */
export const PACKETS_TOLD_KIB_A_TURN = 192
/**
 * Tenants whose plugins are built at once while the broker starts, and plugins of each: the builder's queue
 * would not hold all, and who does not find a place in it is closed.
 */
export const PREPARED_AT_ONCE = 4
/** How long after a plugin did not build it is tried again: at first, and at most. */
export const PLUGIN_RETRY_MS = { first: 5000, last: 60_000 } as const

// client

/**
 * Messages that wait until a client's program takes them, and their bytes. Past it the newest is dropped and
 * counted: were the socket left unread instead, the acknowledgements that the program waits for would not
 * come either.
 */
export const CLIENT_MESSAGES_WAITING = 1024
export const CLIENT_BYTES_WAITING: number = 16 * 1024 * 1024
/** Publishes of a client that are not acknowledged, or wait for a connection. */
export const CLIENT_PUBLISHES_UNDER_WAY = 1024
/** How long packets wait for the start of the process that runs a client's plugins. */
export const CLIENT_START_WAIT_MS = 10_000
/** How long the end of a client waits until its plugins have been told of its last packets. */
export const CLIENT_TOLD_MS = 1000
/** How long a client that disconnects waits for what is under way. */
export const CLIENT_END_MS = 5000
/** The wait before a lost connection is tried again; each further one is twice as long. */
export const CLIENT_RETRY_FIRST_MS = 1000
/** Topics of a client's config that have settings of their own. */
export const CLIENT_TOPICS = 10_000
/** Certificates of authorities in one folder, and bytes of one file of certificates or a key. */
export const AUTHORITY_FILES = 1024
export const PEM_FILE_BYTES = 1_048_576
/** By one address at the broker's own list of passwords, and how many addresses are remembered. */
export const FAILED_LOGINS = { perMin: 30, addresses: 5000 } as const
/** Bytes of a file of passwords, or of access rules … */
export const BUILTIN_FILE_BYTES = 8_388_608
/** … the users of the one … */
export const USERS = 100_000
/** … and of the other, rules in all and of one client. */
export const ACL_RULES = { all: 100_000, client: 4096 } as const

// control socket (admin)

/** Connections to the control socket at once: an operator's own tools, no clients. */
export const CONTROL_CONNECTIONS = 16
/** How long a request to it may take to arrive, and how large it may be. */
export const CONTROL_REQUEST_MS = 5000
export const CONTROL_HEADER_BYTES = 131_072
/** Refusals that one answer lists. */
export const DECISIONS_LISTED = 20
/** Bytes of a Unix socket's path, as the system bounds them, without the byte that ends it. */
export const SOCKET_PATH_BYTES = 107

// engine

/** Records of the audit that are kept in memory. */
export const AUDIT_RECORDS = 10_000
/** Keys of one plugin's store: its byte quota bounds what they hold, this what they cost to keep in order. */
export const KV_KEYS = 10_000
/**
 * The store on the disk. A batch's memory at first; what may wait to be written before publishers are held;
 * how often a disk that refuses is tried again, how long it may take to close, when it is idle; what of a
 * queue is in memory at once, how much more is read where it may leave at once, and how many bytes at most;
 * rows that are read in one go at the start, and the size up to which bodies are put together then; pages of
 * the log before it goes over into the database, and the database's own caches.
 */
export const STORE = {
  batchBytes: 65_536,
  pendingBytes: 8_388_608,
  pendingOperations: 20_000,
  retryMs: 1000,
  slowMs: 5000,
  closeMs: 5000,
  idleMs: 1000,
  windowMessages: 100,
  aheadMessages: 400,
  readBytes: 1_048_576,
  restoredAtOnce: 500,
  packedBytes: 4096,
  checkpointPages: 4000,
  cacheKiB: 65_536,
  mapBytes: 268_435_456,
} as const

/** By what commits and batches are told apart: seconds, and operations that a batch holds. */
export const COMMIT_SECONDS = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5] as const
export const BATCH_OPERATIONS = [1, 4, 16, 64, 256, 1024, 4096, 16_384] as const

/** Documents of one kind of one tenant, as its tokens or the versions of its plugins. */
export const DOCUMENTS_OF_A_KIND = 10_000

// hosting: what tenants manage themselves

/** Versions of one plugin that are kept at a time; the oldest that nobody needs is deleted by its tenant. */
export const VERSIONS_PER_PLUGIN = 50
/** Bytes of all bundles of one tenant together. */
export const BUNDLE_BYTES_PER_TENANT = 67_108_864
/** What is kept of a plugin's deployments, the newest last. */
export const DEPLOYMENTS_KEPT = 20
/** Why a deployment was taken back, as it is kept. */
export const REASON_CHARS = 500
/** How long plugins that were replaced go on with what they were asked before, and how often that is seen. */
export const RETIRE_MS = { most: 6000, look: 20 } as const
/** A signature with its comments. */
export const SIGNATURE_CHARS = 4096
/** Keys by which one tenant's plugins may be signed. */
export const TRUSTED_KEYS = 16
/** Differences of powers that are told. */
export const WIDENINGS_TOLD = 64

/** Tokens of one tenant, or of the operator, and what they may be called. */
export const TOKENS_PER_TENANT = 100
export const TOKEN_NAME_CHARS = 64
/** How exactly it is kept when a token was last used. */
export const TOKEN_SEEN_EVERY_MS = 3_600_000
/** After a version has taken over: how long it is watched, how often, and what takes it back. */
export const PROBATION = { ms: 60_000, lookMs: 1000, leastQuestions: 20, mostFaultShare: 0.05 } as const

/**
 * A version that is tried: questions that wait for it, how many differences of a kind are shown, of how many
 * characters, and by which milliseconds its cost is told.
 */
export const SHADOW = {
  waiting: 64,
  examples: 5,
  exampleChars: 300,
  /** Of all tenants; beyond it a version that is tried forgets what it wrote first. */
  kvEntries: 1000,
  /** How long the command line waits for what comes of it. */
  mostSec: 3600,
  costMs: [0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 1000],
} as const

/** Changes of tenants, or of one tenant's plugins, that wait for one another. */
export const CHANGES_WAITING = 32

// the admin API

/** Bounds of the admin API, of one broker unless it says otherwise. */
export const ADMIN = {
  connections: 256,
  headerBytes: 16_384,
  requestMs: 30_000,
  bodyBytes: 262_144,
  /** Of one tenant's access rules. */
  ruleLines: 4096,
  /** Of an upload: a bundle's file as JSON text within JSON. */
  uploadBytes: 33_554_432,
  paramChars: 4096,
  /** Entries of one answer. */
  page: 100,
  /** Of a payload that is shown. */
  payloadBytes: 4096,
  /** Of one token, or of one address that has none. */
  requestsPerMin: 600,
  failedLoginsPerMin: 10,
  /** Whose requests are counted at a time. */
  callersKept: 5000,
  idempotencyKeys: 1000,
  idempotencyMs: 86_400_000,
} as const

/** Who hears a tenant's lines as they come: so many of one tenant, so many lines wait for each. */
export const TAIL = { listeners: 8, lines: 256, quietMs: 15_000 } as const

/** What `bulkhead doctor` calls little room on a disk. */
export const DISK_LOW_BYTES = 1_073_741_824
/** Faults of a store of one kind that `bulkhead store check` tells. */
export const STORE_FAULTS_TOLD = 20

// databases and directories

/** Databases, and directories, of the operator or of one tenant. */
export const SOURCES = 32
/** Queries of one database … */
export const QUERIES = 256
/** … and the text of each. */
export const SQL_CHARS: number = 16 * 1024
/** Rows of one answer. */
export const QUERY_ROWS = { usual: 100, most: 1000 } as const
/** How long one answer may take, its connection included. */
export const SOURCE_MS = { usual: 1000, most: 30_000 } as const
/** Connections to one server. */
export const SOURCE_CONNECTIONS = { usual: 4, most: 64 } as const
/** A connection that nobody uses for so long is closed. */
export const SOURCE_IDLE_MS = 30_000
/** Questions to one source that wait for their turn; a tenant's are bounded by the sandbox. */
export const SOURCE_WAITING = 1024
/** A source that cannot be reached is not tried for so long, doubling. */
export const SOURCE_RETRY_MS = { first: 250, last: 30_000 } as const
/** Bytes that a server may send for one answer, as a multiple of what the answer may come to. */
export const SOURCE_WIRE_SHARE = 4
/** A value that SQLite may make: one that is larger than any answer stops its statement. */
export const SQLITE_VALUE_BYTES = 1_048_576
/** How long a process that reads a SQLite file may take to start. */
export const SQLITE_START_MS = 10_000
