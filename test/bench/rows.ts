/** One kind of work, done by every broker in turn. */
export interface Row {
  readonly id: string
  readonly title: string
  /** What is counted, a second. */
  readonly unit: string
  /** The load generator's mode and what follows the port; the seconds come last. */
  readonly load: readonly [mode: string, ...counts: string[]]
  /** What the design wants, as a multiple of the better peer. */
  readonly target: { readonly bare: number; readonly decided: number }
}

export const ROWS: readonly Row[] = [
  {
    id: 'qos0',
    title: 'QoS 0, 50 pairs, 200 bytes',
    unit: 'delivered',
    load: ['pairs', '50', '20', '0', '200'],
    target: { bare: 8, decided: 4 },
  },
  {
    id: 'qos1',
    title: 'QoS 1, 50 pairs, 200 bytes',
    unit: 'delivered',
    load: ['pairs', '50', '20', '1', '200'],
    target: { bare: 6, decided: 4.5 },
  },
  {
    id: 'fanout',
    title: 'QoS 0, one to 500, 200 bytes',
    unit: 'delivered',
    load: ['fanout', '500', '10', '0', '200'],
    target: { bare: 7, decided: 6 },
  },
  {
    id: 'connects',
    title: 'connect and disconnect, 20 at a time',
    unit: 'connects',
    load: ['churn', '20'],
    target: { bare: 0.9, decided: 0.6 },
  },
]
