import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { LOG_LINES_PER_SEC } from '../../../src/base/limits.ts'

const LOG = new URL('../../../src/observe/log.ts', import.meta.url).href

const LIMITS = new URL('../../../src/base/limits.ts', import.meta.url).href

/** What a process writes to stderr that opens a log and does this with it; `at(ms)` sets its clock. */
function written(format: 'json' | 'pretty' | 'silent', script: string): string {
  const source = `
    import { openLog } from ${JSON.stringify(LOG)}
    let now = 1_000_000
    performance.now = () => now
    const at = (ms) => { now = 1_000_000 + ms }
    const { write } = openLog(${JSON.stringify(format)})
    const line = (level, fields, text) => write(level, fields.tenant ?? '', () => ({ fields, text }))
    const log = {}
    const said = () => new Promise(setImmediate)
    for (const level of ['info', 'warn', 'error', 'audit']) log[level] = line.bind(undefined, level)
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

test('nothing is put into words in the turn that brings it about, nor more in one turn than its time', () => {
  const lines = linesOf(
    written(
      'json',
      `const { LOG_TURN_MS } = await import(${JSON.stringify(LIMITS)})
       let turn = 0
       const spoke = []
       const slow = (tenant) => write('info', tenant, () => {
         now += LOG_TURN_MS / 2
         spoke.push(tenant)
         return { fields: { tenant, turn }, text: 'slow' }
       })
       for (let i = 0; i < 6; i++) slow('loud')
       slow('quiet')
       if (spoke.length > 0) throw new Error('it was said at once')
       while (spoke.length < 7) {
         turn += 1
         await said()
       }`,
    ),
  )
  const told = lines.map(({ tenant, turn }) => [turn, tenant])
  // two fit in a turn, and the quiet tenant waits for one line of the loud one's
  const [first] = told[0] ?? []
  const turns = told.map(([turn, tenant]) => [Number(turn) - Number(first), tenant])
  assert.deepEqual(turns, [
    [0, 'loud'],
    [0, 'quiet'],
    [1, 'loud'],
    [1, 'loud'],
    [2, 'loud'],
    [2, 'loud'],
    [3, 'loud'],
  ])
})

test('what was said last is written even if the process ends at once, by an error or its own will', () => {
  const crash = `process.once('uncaughtException', () => process.exit(0))
    log.warn({}, 'before it fell')
    throw new Error('a bug')`
  for (const end of [`log.warn({}, 'before it fell'); process.exit(0)`, crash]) {
    assert.deepEqual(
      linesOf(written('json', end)).map(({ msg }) => msg),
      ['before it fell'],
    )
  }
})

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
       await said()
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
         await said()
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
  // who is quiet does not wait behind who is loud, and at the end it is said what is missing
  assert.deepEqual(
    lines.slice(0, 3).map(({ msg }) => msg),
    ['refused', 'news', 'the operator’s own'],
  )
  assert.equal(lines.at(-1)?.['withheld'], 50)
})

test('the audit has lines of its own: a flood of others does not hide it, and nothing poses as it', () => {
  const lines = linesOf(
    written(
      'json',
      `for (let i = 0; i < ${LOG_LINES_PER_SEC + 50}; i++) log.warn({ tenant: 'loud' }, 'flood')
       log.audit({ tenant: 'loud', audit: false }, 'found later')`,
    ),
  )
  assert.equal(lines.length, LOG_LINES_PER_SEC + 2)
  assert.equal(lines.at(-2)?.['audit'], true)
})
