import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const compiler = spawnSync('cc', ['--version']).error === undefined

test('one short row of the bench runs and writes its figures', {
  skip: !compiler && 'no C compiler',
}, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-test-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const json = join(folder, 'figures.json')
  const options = [
    '--only',
    'qos1',
    '--brokers',
    'aedes,bare',
    '--rounds',
    '1',
    '--seconds',
    '1',
    '--json',
    json,
  ]
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'main.ts'), ...options],
    { encoding: 'utf8' },
  )
  assert.equal(status, 0, stderr)
  assert.match(stdout, /^aedes +[\d,]+ /m)
  const figures = JSON.parse(readFileSync(json, 'utf8')) as {
    rows: { results: { contender: string; perSec: number; cpuMicros: number }[] }[]
  }
  const results = figures.rows[0]?.results ?? []
  assert.deepEqual(
    results.map(({ contender }) => contender),
    ['aedes', 'bare'],
  )
  for (const { perSec, cpuMicros } of results) assert.ok(perSec > 0 && cpuMicros > 0)
})
