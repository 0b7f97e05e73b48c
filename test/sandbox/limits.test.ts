import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as limits from '../../sandbox/limits.ts'
import { PREPARED_AT_ONCE } from '../../src/base/limits.ts'
import { limitsSchema } from '../../src/config/limits-schema.ts'

const { DEFAULT_LIMITS: ours, LIMITS_MOST: most } = limits
const { properties } = limitsSchema('', false) as { properties: { plugins: { maximum: number } } }
/** As many as an operator may allow a tenant. */
const MOST_PLUGINS = properties.plugins.maximum
const KIB = 1024
const MIB = 1024 * KIB
/** What UTF-8 takes for one UTF-16 unit at most. */
const BYTES_PER_CHAR = 3
/** The other fields of an argument or a result that holds one large one. */
const AROUND = 4 * KIB

function base64Chars(bytes: number): number {
  return Math.ceil(bytes / 3) * 4
}

/** Each rule: numbers of which none is smaller than the one before it. */
type Rules = readonly (readonly [rule: string, ...ascending: number[]])[]

const SIZES: Rules = [
  [
    'a payload fits into an argument as base64',
    base64Chars(most.payloadKiB * KIB) + AROUND,
    limits.CALL_ARGUMENT_CHARS,
  ],
  ['so does the body of a request', base64Chars(most.fetchKiB * KIB) + AROUND, limits.CALL_ARGUMENT_CHARS],
  ['and data to digest', base64Chars(limits.CRYPTO_BYTES) + AROUND, limits.CALL_ARGUMENT_CHARS],
  [
    'a value fits even where each character is escaped twice',
    4 * most.kvValueKiB * KIB + AROUND,
    limits.CALL_ARGUMENT_CHARS,
  ],
  [
    'a token fits beside its key, with its lines escaped twice',
    4 * limits.JWT_KEYS + 2 * (limits.JWT_CHARS + limits.JWT_KEY_CHARS),
    limits.CALL_ARGUMENT_CHARS,
  ],
  ['one argument does not fill the outbox', limits.CALL_ARGUMENT_CHARS, limits.OUTBOX_CHARS],
  [
    'a list fits into a result, a result into a frame',
    limits.LIST_CHARS,
    limits.CALL_RESULT_CHARS,
    limits.RESUME_CHARS,
  ],
  [
    'a response fits into a result, with its headers',
    base64Chars(most.fetchKiB * KIB) + 2 * limits.FETCH_HEADERS_BYTES + AROUND,
    limits.CALL_RESULT_CHARS,
  ],
  [
    'a retained payload fits into a result',
    base64Chars(most.payloadKiB * KIB) + AROUND,
    limits.CALL_RESULT_CHARS,
  ],
  [
    'the cell takes what is sent to it: results',
    BYTES_PER_CHAR * (limits.RESUME_CHARS + limits.CALL_RESULT_CHARS),
    limits.HOST_FRAME_BYTES,
  ],
  ['… questions', BYTES_PER_CHAR * limits.FRAME_KIB * KIB, limits.HOST_FRAME_BYTES],
  [
    '… a bundle with its options',
    (ours.bundleKiB + BYTES_PER_CHAR * ours.configKiB) * KIB,
    limits.HOST_FRAME_BYTES,
  ],
  [
    'a short verdict is no longer than any, nor than what is weighed',
    limits.INLINE_VERDICT_CHARS,
    limits.WEIGHED_CHARS,
    ours.verdictKiB * KIB,
  ],
  [
    'a frame has the parts of all its short verdicts',
    limits.FRAME_QUESTIONS * limits.INLINE_VERDICT_CHARS,
    limits.FRAME_PARTS,
  ],
  [
    'the longest list of answers is weighed as one verdict',
    limits.FILTERS_PER_VERDICT + 1,
    limits.JSON_PARTS,
    limits.FRAME_PARTS,
  ],
  ['a verdict fits where several end at once', ours.verdictKiB, limits.LATE_ANSWERS_KIB],
  ['the log sees all that the guest says of a fault', limits.GUEST_DETAIL_CHARS, limits.DETAIL_CHARS],
  ['and all that a power says of a refusal', limits.REFUSAL_CHARS, limits.DETAIL_CHARS],
  ['a log line fits into a frame', limits.LOG_TEXT_CHARS + limits.LOG_FIELDS_CHARS, limits.LOG_FRAME_CHARS],
  [
    'options fit a manifest, a manifest what a probe may say',
    limits.CONFIG_SCHEMA_KIB * KIB,
    limits.MANIFEST_CHARS,
    limits.PROBED_BYTES / BYTES_PER_CHAR,
  ],
  ['a schema of options is part of a manifest: levels', limits.CONFIG_SCHEMA_DEPTH, limits.MANIFEST_DEPTH],
  ['… and values', limits.CONFIG_SCHEMA_NODES, limits.MANIFEST_NODES],
  [
    'a bundle file holds code, map and manifest',
    (ours.bundleKiB + limits.SOURCE_MAP_KIB) * KIB + limits.MANIFEST_CHARS,
    limits.BUNDLE_FILE_MIB * MIB,
  ],
  ['a build may say what a bundle holds', ours.bundleKiB * KIB, limits.BUILD_OUTPUT_MIB * MIB],
  [
    'the longest packet that is told of with its payload is no more than what may wait',
    base64Chars(most.payloadKiB * KIB) + AROUND,
    limits.FRAME_KIB * KIB,
    limits.QUEUED_CHARS.told,
    limits.QUEUED_CHARS.asked / 4,
  ],
  ['one value is no more than the store', ours.kvValueKiB * KIB, ours.kvMiB * MIB],
]

const NUMBERS: Rules = [
  ['the defaults are no more than what fits: payloads', ours.payloadKiB, most.payloadKiB],
  ['… values', ours.kvValueKiB, most.kvValueKiB],
  ['… bodies', ours.fetchKiB, most.fetchKiB],
  [
    'calls are at work, under way, waiting for their turn',
    limits.CALLS_AT_ONCE,
    limits.CALLS_UNDER_WAY,
    limits.POWERS_WAITING,
  ],
  [
    "a tenant's plugins find their places together",
    ours.plugins * limits.CALLS_UNDER_WAY,
    limits.POWERS_WAITING,
  ],
  ['any call may wait', limits.CALL_ARGUMENT_CHARS, limits.CALLS_WAITING_CHARS],
  ['one question may use up its calls', ours.capabilityCallsPerCall, limits.CALLS_UNDER_WAY],
  ['what is queued may wait', ours.questionsQueued, limits.QUESTIONS_WAITING],
  [
    'a queue fills all frames under way',
    limits.FRAME_QUESTIONS * limits.FRAMES_UNDER_WAY,
    ours.questionsQueued,
  ],
  [
    'a question may come back as often as there are others before it',
    ours.questionsQueued,
    limits.QUESTION_RETURNS,
  ],
  [
    'a cell has places for the frames of all plugins, and for a load and an unload of each',
    limits.FRAMES_UNDER_WAY + (limits.FRAMES_UNDER_WAY + 2) * MOST_PLUGINS,
    limits.JOBS_UNDER_WAY,
  ],
  ['one crossing may start all timers', limits.TIMERS, limits.ORDERS_PER_CROSSING],
  [
    'fetches are calls at work, and names to be looked up',
    ours.fetchConcurrent,
    limits.CALLS_AT_ONCE,
    limits.LOOKUPS_UNDER_WAY,
  ],
  ['costly work of one tenant is part of all: at once', limits.COSTLY_PER_TENANT, limits.COSTLY_AT_ONCE],
  ['… and waiting', limits.COSTLY_WAITING_PER_TENANT, limits.COSTLY_WAITING],
  ['plugins that are prepared at once find places to wait', PREPARED_AT_ONCE ** 2, limits.BUILDS_WAITING],
  [
    'the smallest machine may start as many cells as start at once',
    limits.STARTS_AT_ONCE.least,
    limits.CELLS_AUTO.least,
    limits.CELLS_AUTO.most,
  ],
  ['plugins that are prepared at once find room to wait', PREPARED_AT_ONCE ** 2, limits.CELLS_AWAITED],
]

const TIMES: Rules = [
  ['turns are looked at often enough', limits.DEADLINE_CHECK_MS, limits.TURNS_CHECK_MS, limits.CELL_TURN_MS],
  ['who is polite uses a part of its turn', limits.CELL_USE_POLITE_MS, limits.CELL_TURN_MS],
  ['a turn is over before rest counts', limits.CELL_TURN_MS, limits.CELL_REST_MS, limits.START_QUEUE_MS],
  ['a batch ends before the soft limit, that before the clock', limits.BATCH_MS, ours.softMs, ours.wallMs],
  ['clocks are looked at often enough for the shortest', limits.DEADLINE_CHECK_MS, ours.softMs],
  [
    'who is overdue has burnt more than one crossing may',
    ours.softMs,
    limits.OVERDUE_CPU_MS,
    limits.OVERDUE_WALL_MS,
  ],
  ['a fetch ends before its question does', limits.FETCH_MS, ours.waitMs.authorize, ours.waitMs.authenticate],
  [
    'the processor is sampled oftener than a pause is long',
    limits.SAMPLE_MS,
    limits.CPU_PAUSE_MS,
    limits.CPU_OVERDRAWN_MS,
  ],
  ['what doubles begins below its end: blocks', limits.BLOCK_MS.first, limits.BLOCK_MS.last],
  ['… quarantines', limits.QUARANTINE_MS.first, limits.QUARANTINE_MS.last],
  ['… respawns', limits.RESPAWN_BACKOFF_MS.first, limits.RESPAWN_BACKOFF_MS.last],
]

const MEMORY: Rules = [
  ['an isolate fits into its cell', ours.heapMiB, ours.rssMiB, ours.dataMiB],
  [
    'all isolates of a tenant may be at their most only one after the other',
    ours.rssMiB,
    ours.heapMiB * ours.plugins,
  ],
  ['what a cell takes as a rule is less than it may', limits.CELL_USUAL_MIB, ours.rssMiB],
]

describe('the numbers fit together', () => {
  for (const [concern, rules] of Object.entries({ SIZES, NUMBERS, TIMES, MEMORY })) {
    for (const [rule, ...ascending] of rules) {
      it(`${concern.toLowerCase()}: ${rule}`, () => {
        assert.ok(
          ascending.every((each, place) => each >= (ascending[place - 1] ?? 0)),
          ascending.join(' ≤ '),
        )
      })
    }
  }
})
