import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Metric } from 'prom-client'
import { Histogram } from '../base/histogram.ts'
import { METRIC_SAMPLES_A_TURN } from '../base/limits.ts'
import { METRICS, type MetricKind, type MetricName, metricSpec } from './metric-table.ts'

/** In the order of the metric's labels. */
export type LabelValues = readonly string[]

/** One value of a metric, read when it is asked for. */
export type Sample = readonly [labels: LabelValues, value: number | Histogram]

/** Where each metric's values are read. Counting has happened by then: who reads pays. */
export type MetricReaders = Readonly<Record<MetricName, () => Iterable<Sample> | Promise<Iterable<Sample>>>>

/** A line of the text as prom-client takes it. */
interface Value {
  readonly metricName?: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** The two forms in which metrics are read. */
export const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8'
export const OPENMETRICS_TEXT = 'application/openmetrics-text; version=1.0.0; charset=utf-8'
export type MetricsType = typeof PROMETHEUS_TEXT | typeof OPENMETRICS_TEXT

/** @param accept the request's header; who says nothing gets what everybody reads. */
export function metricsTypeFor(accept: string | undefined): MetricsType {
  return accept?.includes('application/openmetrics-text') === true ? OPENMETRICS_TEXT : PROMETHEUS_TEXT
}

/** Puts the broker's metrics into text, a little in each turn of the loop. */
export class Metrics {
  readonly #readers: MetricReaders
  readonly #underWay = new Map<MetricsType, Promise<string>>()

  constructor(readers: MetricReaders) {
    this.#readers = readers
  }

  /** Whoever asks while it is being written gets the same text: asking often costs nobody more. */
  text(type: MetricsType): Promise<string> {
    const underWay = this.#underWay.get(type)
    if (underWay !== undefined) return underWay
    const text = this.#write(type).finally(() => this.#underWay.delete(type))
    this.#underWay.set(type, text)
    return text
  }

  async #write(type: MetricsType): Promise<string> {
    const families: string[] = []
    for (const name of Object.keys(METRICS) as MetricName[]) {
      const family = await familyText(name, type, await this.#readers[name]())
      if (family !== '') families.push(family)
    }
    return type === OPENMETRICS_TEXT ? `${families.join('\n')}\n# EOF\n` : `${families.join('\n\n')}\n`
  }
}

/** @returns '' where there are no samples. */
async function familyText(
  name: MetricName,
  contentType: MetricsType,
  samples: Iterable<Sample>,
): Promise<string> {
  // loaded by whoever reads metrics
  const { Registry } = await import('prom-client')
  const { kind, help, labels } = metricSpec(name)
  // OpenMetrics names the family of a counter without its suffix, which prom-client puts behind the samples
  const family = kind === 'counter' && contentType === OPENMETRICS_TEXT ? name.slice(0, -TOTAL.length) : name
  let text = ''
  for (const some of chunksOf(valuesOf(name, labels, samples))) {
    const registry = new Registry<MetricsType>()
    registry.setContentType(contentType)
    registry.registerMetric(readMetric(family, kind, help, some))
    const part = await registry.getSingleMetricAsString(family)
    text = text === '' ? part : `${text}\n${withoutHead(part)}`
    await nextTurn()
  }
  return text
}

const TOTAL = '_total'

/** prom-client asks no more of a metric than this, whatever its type says. */
function readMetric(name: string, type: MetricKind, help: string, values: readonly Value[]): Metric {
  return { name, get: () => Promise.resolve({ name, type, help, values }) } as unknown as Metric
}

function* valuesOf(
  name: MetricName,
  labelNames: readonly string[],
  samples: Iterable<Sample>,
): Generator<Value> {
  for (const [given, value] of samples) {
    const labels: Record<string, string> = {}
    labelNames.forEach((label, place) => {
      labels[label] = given[place] ?? ''
    })
    if (value instanceof Histogram) yield* bucketsOf(name, labels, value)
    else yield { labels, value }
  }
}

function* bucketsOf(
  name: MetricName,
  labels: Readonly<Record<string, string>>,
  histogram: Histogram,
): Generator<Value> {
  let below = 0
  for (const [place, count] of histogram.counts.entries()) {
    below += count
    const bound = histogram.bounds[place]
    const le = bound === undefined ? '+Inf' : String(bound)
    yield { metricName: `${name}_bucket`, labels: { ...labels, le }, value: below }
  }
  yield { metricName: `${name}_sum`, labels, value: histogram.sum }
  yield { metricName: `${name}_count`, labels, value: below }
}

function* chunksOf(values: Iterable<Value>): Generator<Value[]> {
  let chunk: Value[] = []
  for (const value of values) {
    chunk.push(value)
    if (chunk.length < METRIC_SAMPLES_A_TURN) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

/** What is said of the family stands once, before all its samples: # HELP and # TYPE. */
function withoutHead(text: string): string {
  return text.split('\n').slice(2).join('\n')
}
