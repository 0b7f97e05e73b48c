/**
 * `npm run bench`: what Bulkhead does beside its peers, in one run on one machine. Only the ratios count:
 * absolute figures drift from run to run.
 */
import { writeFile } from 'node:fs/promises'
import { arch, cpus, release, totalmem, type } from 'node:os'
import { parseArgs } from 'node:util'
import { CONTENDERS, type Contender, start } from './contenders.ts'
import { compileGenerator, load } from './load.ts'
import { cpuMicros } from './process-time.ts'
import { type Run, summarize, table } from './report.ts'
import { ROWS, type Row } from './rows.ts'

const USAGE = `usage: npm run bench -- [options]
  --quick            one round of one second
  --only a,b         these rows
  --brokers a,b      these contenders
  --rounds N         how often each is measured (default 3)
  --seconds N        how long each time (default 4)
  --json FILE        writes all figures
`

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    brokers: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
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
const rows = chosen(ROWS, values.only)
const contenders = chosen(CONTENDERS, values.brokers).filter(({ title, version }) => {
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
  report.push({ row, results })
}
if (values.json !== undefined) {
  const figures = { date: new Date().toISOString(), host, versions, rounds, seconds, rows: report }
  await writeFile(values.json, `${JSON.stringify(figures, null, 2)}\n`)
}

/** In rounds, one contender after the other: what slows the machine for a while slows them all. */
async function runRow(row: Row): Promise<Map<Contender['id'], Run[]>> {
  const runs = new Map(contenders.map(({ id }): [Contender['id'], Run[]] => [id, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) runs.get(contender.id)?.push(await runOnce(contender, row))
  }
  return runs
}

async function runOnce(contender: Contender, row: Row): Promise<Run> {
  const running = await start(contender)
  try {
    const before = cpuMicros(running.pid)
    const seen = await load(program, row, running.port, seconds)
    const spent = cpuMicros(running.pid) - before
    return { ...seen, cpuMicros: spent / Math.max(seen.total, 1) }
  } finally {
    await running.stop()
  }
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
