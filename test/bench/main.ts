/**
 * `npm run bench`: what Bulkhead does beside its peers, in one run on one machine. Only the ratios count:
 * absolute figures drift from run to run.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { arch, cpus, release, tmpdir, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CONTENDERS, type Contender, type ContenderId, start } from './contenders.ts'
import { compileGenerator, load } from './load.ts'
import { memoryMiB } from './process-memory.ts'
import { cpuMicros } from './process-time.ts'
import { type Run, summarize, table } from './report.ts'
import { type Extent, ROWS, type Row } from './rows.ts'

const USAGE = `usage: npm run bench -- [options]
  --quick            one round of one second
  --only a,b         these rows
  --brokers a,b      these contenders
  --rounds N         how often each is measured (default 3)
  --seconds N        how long each time (default 4)
  --full             queues and retained messages by the million, 100,000 sessions
  --json FILE        writes all figures
`

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    brokers: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    full: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(USAGE)
  process.exit()
}
const rounds = Number(values.rounds ?? (values.quick ? 1 : 3))
const seconds = Number(values.seconds ?? (values.quick ? 1 : 4))
const extent: Extent = { seconds, full: values.full }
const rows = chosen(ROWS, values.only)
const wanted = new Set(rows.flatMap((row) => row.contenders))
const contenders = chosen(CONTENDERS, values.brokers).filter(({ id, title, version }) => {
  if (!wanted.has(id)) return false
  if (version === null) process.stderr.write(`${title} is not installed: it does not take part\n`)
  return version !== null
})

const host = {
  cpu: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}`,
  memoryMiB: Math.round(totalmem() / 2 ** 20),
  system: `${type()} ${release()} ${arch()}`,
  node: process.version,
}
const versions = Object.fromEntries(contenders.map(({ title, version }) => [title, version]))
process.stdout.write(`${host.cpu}, ${host.memoryMiB} MiB, ${host.system}, Node ${host.node}\n`)
process.stdout.write(
  `${Object.entries(versions)
    .map((entry) => entry.join(' '))
    .join(', ')}\n`,
)
process.stdout.write(`${rounds} x ${seconds} s, all on loopback, one broker at a time; medians\n`)

const program = await compileGenerator()
const report = []
for (const row of rows) {
  const results = summarize(await runRow(row))
  process.stdout.write(`\n${table(row, results, contenders)}\n`)
  report.push({ row: row.id, results })
}
if (values.json !== undefined) {
  const figures = { date: new Date().toISOString(), host, versions, rounds, seconds, rows: report }
  await writeFile(values.json, `${JSON.stringify(figures, null, 2)}\n`)
}

/** In rounds, one contender after the other: what slows the machine for a while slows them all. */
async function runRow(row: Row): Promise<Map<ContenderId, Run[]>> {
  const takePart = contenders.filter(({ id }) => row.contenders.includes(id))
  const runs = new Map(takePart.map(({ id }): [ContenderId, Run[]] => [id, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of takePart) runs.get(contender.id)?.push(await runOnce(contender, row))
  }
  return runs
}

async function runOnce(contender: Contender, row: Row): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-bench-'))
  try {
    return contender.command === null ? await runLog(row, folder) : await runBroker(contender, row, folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function runBroker(contender: Contender, row: Row, folder: string): Promise<Run> {
  const { before, started } = row
  let running = await start(contender, folder, before?.restarts)
  try {
    if (before !== undefined) await load(program, before.orders(extent), running.port)
    if (before?.restarts === true) {
      await running.stop()
      running = await start(contender, folder)
    }
    const spentBefore = cpuMicros(running.pid)
    const seen = await load(program, row.orders(extent), running.port)
    const spent = cpuMicros(running.pid) - spentBefore
    const perSec = started === undefined ? seen.perSec : (started(extent) * 1000) / running.startMs
    return {
      ...seen,
      perSec,
      cpuMicros: spent / Math.max(seen.total, 1),
      startMs: running.startMs,
      memoryMiB: memoryMiB(running.pid),
    }
  } finally {
    await running.stop()
  }
}

/** As many messages at a time as the brokers have under way. */
async function runLog(row: Row, folder: string): Promise<Run> {
  const [, pairs, window, , bytes, forSeconds] = row.orders(extent)
  const orders = [String(Number(pairs) * Number(window)), String(bytes), String(forSeconds)] as const
  const seen = await load(program, ['log', ...orders], join(folder, 'log'))
  return { ...seen, cpuMicros: null, startMs: null, memoryMiB: null }
}

/** The entries that a list names, in their own order; all without a list. */
function chosen<T extends { readonly id: string }>(
  all: readonly T[],
  list: string | undefined,
): readonly T[] {
  if (list === undefined) return all
  const names = list.split(',')
  const unknown = names.filter((name) => !all.some(({ id }) => id === name))
  if (unknown.length > 0) {
    throw new Error(`unknown: ${unknown.join(', ')}; there are ${all.map(({ id }) => id).join(', ')}`)
  }
  return all.filter(({ id }) => names.includes(id))
}
