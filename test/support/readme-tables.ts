import { DEFAULT_LIMITS, type SandboxLimits } from '../../sandbox/limits.ts'
import { ERRORS } from '../../src/base/errors.ts'

/** The README's table of errors, as Markdown: one row a code. */
export function errorTable(errors: Readonly<Record<string, string>>): string {
  const rows = Object.entries(errors).map(([code, meaning]) => `| ${code} | ${meaning} |`)
  return ['| Code | What it means and what to do |', '|---|---|', ...rows].join('\n')
}

/** What each limit bounds, and what happens there. One that is added is added here, or nothing compiles. */
const LIMITS: Readonly<Record<keyof SandboxLimits, readonly [bounds: string, then: string]>> = {
  heapMiB: [
    "V8 heap of one plugin's isolate",
    '`memory`; the isolate is dropped; before, at three quarters, it is made anew, once in 10 s',
  ],
  dataMiB: ["a cell's private memory (RLIMIT_DATA)", 'allocation fails; `crash`'],
  rssMiB: ["a cell's resident memory, sampled; memory.max of its control group", 'the cell is killed'],
  softMs: ["a plugin's own time in one call", '`timeout`; the isolate is dropped'],
  wallMs: ["the broker's clock for a frame", '`deadline`; the policy answers'],
  waitMs: ['waiting on powers, by kind of hook', '`unsettled`; the policy answers'],
  activateMs: ["evaluating a bundle, and the plugin's `setup`", '`loading`; tried again, with backoff'],
  bundleKiB: ["a plugin's code", 'refused'],
  configKiB: ["a plugin's options", 'refused'],
  verdictKiB: ['one verdict', '`bad-verdict`'],
  payloadKiB: ['a payload that crosses with a question', 'left out of the event'],
  questionsQueued: ['questions that wait for one plugin', '`overload`'],
  logsPerCall: ['log lines of one call', 'dropped and counted'],
  logsPerSec: ['log lines of a tenant', 'dropped and counted'],
  publishesPerCall: ['messages published by one call', 'refused'],
  publishesPerSec: ['messages that plugins of a tenant publish', 'refused'],
  capabilityCallsPerCall: ['calls of powers by one call', 'refused'],
  kvValueKiB: ['one value of `kv`', 'refused'],
  kvMiB: ["a tenant's `kv`", 'refused'],
  fetchConcurrent: ["a tenant's requests under way", 'refused'],
  fetchesPerSec: ["a tenant's requests in a second", 'refused'],
  fetchKiB: ["a response's body, decoded", 'refused'],
  sourceCallsConcurrent: ['questions to databases and directories under way', 'refused'],
  sourceCallsPerSec: ['questions to databases and directories', 'refused'],
  sourceKiB: ['what a database or a directory answers', 'refused'],
  cpuShare: ['part of a core, over time; the tenant `default` has it all', 'slowed, then quarantined'],
  plugins: ['plugins of a tenant', 'refused'],
}

/** SECURITY.md's table of limits, as Markdown: one row a limit. */
export function limitTable(limits: SandboxLimits): string {
  const rows = Object.entries(LIMITS).map(([name, [bounds, then]]) => {
    const value = JSON.stringify(limits[name as keyof SandboxLimits])
    const text = value.replaceAll(/[{}"]/g, '').replaceAll(/[:,]/g, '$& ')
    return `| \`${name}\` | ${text} | ${bounds} | ${then} |`
  })
  const head = ['| Limit | Default | What it bounds | What happens there |', '|---|---|---|---|']
  return [...head, ...rows].join('\n')
}

// run as a program it prints what belongs into README.md, then what belongs into SECURITY.md
if (import.meta.main) process.stdout.write(`${errorTable(ERRORS)}\n\n${limitTable(DEFAULT_LIMITS)}\n`)
