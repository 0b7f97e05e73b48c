import type { createColors } from 'picocolors'
import type { JailLayer, SandboxLimits } from '../../sandbox/index.ts'
import { DISK_LOW_BYTES } from '../base/limits.ts'
import { tenantLines } from '../observe/start-lines.ts'
import { bytesText } from './bytes-text.ts'
import type { ConfigFindings, Findings, TenantFindings } from './examine.ts'

/** Terminal colours, or nothing in their place. */
type Colors = ReturnType<typeof createColors>

/** What `bulkhead doctor` found, for people: a section each for versions, jail, cell and config. */
export function doctorLines(findings: Findings, colors: Colors): readonly string[] {
  const { runtime, layers, cell, config } = findings
  const fits = runtime.fits
    ? 'fits this Node'
    : colors.red('has no binary for this Node, system or processor')
  return [
    colors.bold(`Bulkhead ${findings.version}`),
    ...table([
      ['node', `${runtime.node}, V8 ${runtime.v8}`],
      ['isolated-vm', `${runtime.isolatedVm}, ${fits}`],
    ]),
    '',
    colors.bold('Jail'),
    ...layerLines(layers, colors),
    '',
    colors.bold('Cell'),
    ...cellLines(cell, colors),
    ...(config === undefined ? [] : ['', ...configLines(config, layers, colors)]),
  ]
}

function table(rows: readonly (readonly [name: string, text: string])[]): readonly string[] {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`)
}

function layerLines(layers: readonly JailLayer[], colors: Colors): readonly string[] {
  if (layers.length === 0) return [`  ${colors.red('none')}: no cell can start here`]
  const width = Math.max(...layers.map(({ name }) => name.length))
  const lines = layers.flatMap(({ name, stands, detail, mend }) => {
    const mark = stands ? colors.green('stands ') : colors.yellow('missing')
    const line = `  ${mark}  ${name.padEnd(width)}  ${detail}`
    return stands ? [line] : [line, `${' '.repeat(width + 13)}${colors.dim(mend)}`]
  })
  return [...lines, `  ${strictLine(layers)}`]
}

function strictLine(layers: readonly JailLayer[]): string {
  const missing = layers.filter(({ stands }) => !stands).map(({ name }) => name)
  if (missing.length === 0) return 'All layers stand: `sandbox.jail: strict` would start.'
  return `\`sandbox.jail: strict\` would refuse to start: ${missing.join(', ')} missing.`
}

function cellLines(cell: Findings['cell'], colors: Colors): readonly string[] {
  if ('failure' in cell) {
    const [first = '', ...more] = cell.failure.split('\n')
    return [`  ${colors.red('failed')}  ${first}`, ...more.map((line) => `          ${line}`)]
  }
  const resident = cell.residentMiB === undefined ? 'not told here' : `${cell.residentMiB.toFixed(0)} MiB`
  return table([
    ['first verdict', `${cell.firstVerdictMs.toFixed(0)} ms, the start of the cell included`],
    ['next verdict', `${cell.verdictMs.toFixed(1)} ms`],
    ['resident', resident],
  ])
}

function configLines(
  config: ConfigFindings,
  layers: readonly JailLayer[],
  colors: Colors,
): readonly string[] {
  const refuses = config.jail === 'strict' && layers.some(({ stands }) => !stands)
  const { tenants, maxCells, worstCaseMiB, machineMiB } = config.memory
  const atOnce = counted(Math.min(tenants, maxCells), 'cell')
  const memory = `${worstCaseMiB} MiB for ${atOnce} at their limits, of ${machineMiB} MiB`
  return [
    colors.bold(`Config ${config.file}`),
    ...config.tenants.flatMap((tenant) => [...tenantLines(stateOf(tenant)), limitsLine(tenant)]),
    `  cells      ${cellPlan(config.memory, colors)}`,
    `  memory     ${worstCaseMiB > machineMiB ? colors.yellow(memory) : memory}`,
    `  metrics    ${metricsText(config.metrics)}`,
    `  data       ${dataText(config.data, colors)}`,
    `  jail       ${config.jail}${refuses ? `: ${colors.red('refuses to start on this machine')}` : ''}`,
    ...config.warnings.map((warning) => `  warning    ${colors.yellow(warning)}`),
  ]
}

function metricsText(bind: ConfigFindings['metrics']): string {
  if (bind === undefined) return 'nowhere: `metrics.bind` would serve them, and /livez and /readyz'
  const host = bind.host.includes(':') ? `[${bind.host}]` : bind.host
  return `http://${host}:${bind.port}/metrics, with /livez and /readyz`
}

function dataText(data: ConfigFindings['data'], colors: Colors): string {
  if (data === undefined) return 'in memory: nothing outlives the process'
  if ('failure' in data) return colors.red(data.failure)
  const { folder, durability, bytes, freeBytes } = data
  const kept = bytes === 0 ? 'not there yet' : bytesText(bytes)
  const room = `${bytesText(freeBytes)} free`
  const free = freeBytes < DISK_LOW_BYTES ? colors.yellow(room) : room
  return `${folder}: ${kept}, durability ${durability}, ${free}`
}

function cellPlan(plan: ConfigFindings['memory'], colors: Colors): string {
  const { tenants, maxCells, isAuto, spareCells, idleStopSec } = plan
  const wanted = `${counted(tenants, 'tenant')} with plugins, at most ${counted(maxCells, 'cell')} at once`
  const shown = tenants > maxCells ? colors.yellow(wanted) : wanted
  const origin = isAuto ? 'from the memory' : 'as configured'
  const idle = `a cell stops after ${idleStopSec} s without a question`
  return `${shown} (${origin}); ${counted(spareCells, 'spare')}; ${idle}`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function stateOf(tenant: TenantFindings): Parameters<typeof tenantLines>[0] {
  return { ...tenant, plugins: tenant.plugins.map((plugin) => ({ ...plugin, hooks: new Set(plugin.hooks) })) }
}

/** The limits that an operator looks for first; `bulkhead config show` has them all. */
function limitsLine({ limits, jit }: TenantFindings): string {
  const { heapMiB, rssMiB, softMs, wallMs, cpuShare, plugins }: SandboxLimits = limits
  const sizes = `heap ${heapMiB} MiB a plugin, ${rssMiB} MiB a cell, ${plugins} plugins`
  const times = `${softMs} ms a call, ${wallMs} ms a question, ${cpuShare} of a core`
  return `  limits     ${sizes}; ${times}${jit ? '; with JIT' : ''}`
}
