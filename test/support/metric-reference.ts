import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { METRICS, type MetricName, metricSpec } from '../../src/observe/metric-table.ts'

/** The reference as it is checked in. Run this file to write it anew. */
export const METRIC_REFERENCE: string = join(import.meta.dirname, '..', '..', 'src', 'observe', 'README.md')

const HEAD = `# What the broker measures

Written by \`node test/support/metric-reference.ts\` from \`metric-table.ts\`: change that, and run it. All of
them are read when somebody asks, as text of Prometheus or OpenMetrics; a counter begins with the process. No
label names a client, a topic or a payload: \`name\` alone is a plugin's own word, of 32 at most.

- The tenant \`""\` is who has not come to a tenant: before CONNECT, or where none matched.
- \`metrics: { series: 500 }\` tenants have series of their own, and as many plugins, those that came first.
  All others share those of \`_other\`, and \`bulkhead_metrics_folded\` says how many tenants they are. A
  counter of \`_other\` falls when one of them is deleted, as it would after a restart.
- What a cell used of the processor is looked at while it works, and once a minute.
`

/** The table of all metrics, as Markdown. */
export function metricReference(): string {
  const rows = (Object.keys(METRICS) as MetricName[]).map((name) => {
    const { kind, labels, help } = metricSpec(name)
    return `| \`${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(' ')} | ${help} |`
  })
  return [HEAD, '| metric | kind | labels | what it tells |', '|---|---|---|---|', ...rows, ''].join('\n')
}

if (import.meta.main) writeFileSync(METRIC_REFERENCE, metricReference())
