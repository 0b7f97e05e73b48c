import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { LOG_LINES_PER_SEC } from '../../../src/base/limits.ts'

const LOG = new URL('../../../src/observe/log.ts', import.meta.url).href

/** What a process writes to stderr that opens a log and does this with it; `at(ms)` sets its clock. */
function written(format: 'json' | 'pretty' | 'silent', script: string): string {
  const source = `
    import { openLog } from ${JSON.stringify(LOG)}
    let now = 1_000_000
    performance.now = () => now
    const at = (ms) => { now = 1_000_000 + ms }
    const log = openLog(${JSON.stringify(format)})
    ${script}`
  const { stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', source], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
  return stderr
}

function linesOf(stderr: string): Record<string, unknown>[] {
  return stderr
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

test('json: one object a line, with level, time and the fields beside the text', () => {
  const [info, warn, error, ...more] = linesOf(
    written(
      'json',
      `log.info({ tenant: 'acme' }, 'one')
       log.warn({}, 'two\\nlines')
       log.error({}, 'three')`,
    ),
  )
  assert.deepEqual(more, [])
  assert.deepEqual([info?.['level'], info?.['tenant'], info?.['msg']], [30, 'acme', 'one'])
  assert.equal(typeof info?.['time'], 'number')
  assert.deepEqual([warn?.['level'], warn?.['msg']], [40, 'two\nlines'])
  assert.equal(error?.['level'], 50)
  // whose machine it is, and which process, is for the operator's own tools to say
  assert.ok(info !== undefined && !('hostname' in info) && !('pid' in info))
})

test('pretty: the level in words, the text and the fields, for people', () => {
  const text = written('pretty', "log.warn({ tenant: 'acme' }, 'careful')")
  assert.match(text, /WARN.*careful/)
  assert.match(text, /tenant: "acme"/)
})

test('silent: not a word', () => {
  assert.equal(written('silent', "log.error({}, 'unheard')"), '')
})

test('lines above the bound of one second are not written but counted, and the count is', () => {
  const flood = LOG_LINES_PER_SEC + 50
  const lines = linesOf(
    written(
      'json',
      `for (let line = 0; line < ${flood}; line++) log.warn({ line }, 'flood')
       at(1000)
       log.info({}, 'the next second')`,
    ),
  )
  assert.equal(lines.filter(({ msg }) => msg === 'flood').length, LOG_LINES_PER_SEC)
  const [last, count] = [lines.at(-1), lines.at(-2)]
  assert.equal(count?.['withheld'], 50)
  assert.equal(last?.['msg'], 'the next second')
})

test('each second has a bound of its own', () => {
  const lines = linesOf(
    written(
      'json',
      `for (const second of [0, 1, 2]) {
         at(second * 1000)
         for (let line = 0; line < ${LOG_LINES_PER_SEC}; line++) log.warn({ line }, 'flood')
       }`,
    ),
  )
  assert.equal(lines.length, 3 * LOG_LINES_PER_SEC)
})

test('a tenant that floods the log silences itself alone', () => {
  const lines = linesOf(
    written(
      'json',
      `for (let i = 0; i < ${LOG_LINES_PER_SEC + 50}; i++) log.warn({ tenant: 'loud' }, 'refused')
       log.warn({ tenant: 'quiet' }, 'news')
       log.error({}, 'the operator’s own')`,
    ),
  )
  assert.equal(lines.filter(({ tenant }) => tenant === 'loud').length, LOG_LINES_PER_SEC)
  assert.deepEqual(
    lines.slice(-2).map(({ msg }) => msg),
    ['news', 'the operator’s own'],
  )
})

test('the audit has lines of its own: a flood of others does not hide it, and nothing poses as it', () => {
  const lines = linesOf(
    written(
      'json',
      `for (let i = 0; i < ${LOG_LINES_PER_SEC + 50}; i++) log.warn({ tenant: 'loud' }, 'flood')
       log.audit({ tenant: 'loud', audit: false }, 'found later')`,
    ),
  )
  assert.equal(lines.length, LOG_LINES_PER_SEC + 1)
  assert.equal(lines.at(-1)?.['audit'], true)
})
