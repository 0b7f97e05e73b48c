import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createColors } from 'picocolors'
import { DEFAULT_LIMITS } from '../../../sandbox/index.ts'
import { doctorLines } from '../../../src/cli/doctor-lines.ts'
import type { Findings } from '../../../src/cli/examine.ts'

const FINDINGS: Findings = {
  version: '1.0.0',
  runtime: { node: '26.0.0', v8: '14.0', isolatedVm: '7.0.1', fits: true },
  layers: [
    { name: 'process', stands: true, detail: 'its own', mend: '' },
    { name: 'cgroup', stands: false, detail: 'none', mend: 'Get one.' },
  ],
  cell: { firstVerdictMs: 99.6, verdictMs: 0.25, residentMiB: 48.2 },
  config: undefined,
  sound: true,
}

test('sections stand below each other, their columns aligned', () => {
  assert.deepEqual(doctorLines(FINDINGS, createColors(false)), [
    'Bulkhead 1.0.0',
    '  node         26.0.0, V8 14.0',
    '  isolated-vm  7.0.1, fits this Node',
    '',
    'Jail',
    '  stands   process  its own',
    '  missing  cgroup   none',
    '                    Get one.',
    '  `sandbox.jail: strict` would refuse to start: cgroup missing.',
    '',
    'Cell',
    '  first verdict  100 ms, the start of the cell included',
    '  next verdict   0.3 ms',
    '  resident       48 MiB',
  ])
})

test('where no cell can start, the reason is there in all its lines', () => {
  const lines = doctorLines(
    { ...FINDINGS, layers: [], cell: { failure: 'ERR_JAIL: no\nreally' }, sound: false },
    createColors(false),
  )
  assert.deepEqual(lines.slice(4), [
    'Jail',
    '  none: no cell can start here',
    '',
    'Cell',
    '  failed  ERR_JAIL: no',
    '          really',
  ])
})

test('a config that wants more memory than there is stands out, and so does one that cannot start', () => {
  const config: Findings['config'] = {
    file: 'b.yaml',
    warnings: ['mind the gap'],
    jail: 'strict',
    tenants: [
      {
        name: 'default',
        anonymous: true,
        topicDefault: 'deny',
        authenticates: false,
        undecided: ['publish'],
        plugins: [
          { name: 'gate', version: '1.0.0', hooks: ['authorizeSubscribe'], powers: [], unusable: undefined },
        ],
        limits: DEFAULT_LIMITS,
        jit: true,
      },
    ],
    memory: {
      tenants: 3,
      maxCells: 2,
      isAuto: false,
      spareCells: 1,
      idleStopSec: 300,
      worstCaseMiB: 512,
      machineMiB: 500,
    },
    metrics: { host: '::1', port: 9464 },
    data: { folder: '/data', durability: 'fsync', bytes: 2 * 1024 ** 2, freeBytes: 1024 ** 2 },
  }
  const colors = createColors(true)
  const lines = doctorLines({ ...FINDINGS, config }, colors)
  assert.deepEqual(lines.slice(-9), [
    '  tenant     default: anybody may connect; no plugin decides publish: denied',
    '  plugin     gate 1.0.0: decides authorizeSubscribe',
    '  limits     heap 32 MiB a plugin, 256 MiB a cell, 8 plugins; ' +
      '50 ms a call, 150 ms a question, 0.25 of a core; with JIT',
    `  cells      ${colors.yellow('3 tenants with plugins, at most 2 cells at once')} (as configured); ` +
      '1 spare; a cell stops after 300 s without a question',
    `  memory     ${colors.yellow('512 MiB for 2 cells at their limits, of 500 MiB')}`,
    '  metrics    http://[::1]:9464/metrics, with /livez and /readyz',
    `  data       /data: 2.0 MiB, durability fsync, ${colors.yellow('1.0 MiB free')}`,
    `  jail       strict: ${colors.red('refuses to start on this machine')}`,
    `  warning    ${colors.yellow('mind the gap')}`,
  ])
})
