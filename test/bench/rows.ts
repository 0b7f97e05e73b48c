import type { ContenderId } from './contenders.ts'

/** What the load generator is told: its mode, and what follows the port. */
export type Orders = readonly [mode: string, ...counts: string[]]

/** How much of what lasts a row makes, and for how long the generator works. */
export interface Extent {
  readonly seconds: number
  /** The sizes that the design speaks of, which take many minutes. */
  readonly full: boolean
}

/** What is done before anything is counted. */
export interface Preparation {
  readonly orders: (extent: Extent) => Orders
  /** The broker is stopped then, and started anew in its folder: how long that takes is counted. */
  readonly restarts: boolean
}

/** One kind of work, done by every broker in turn. */
export interface Row {
  readonly id: string
  readonly title: string
  /** What is counted, a second. */
  readonly unit: string
  readonly contenders: readonly ContenderId[]
  readonly before?: Preparation
  readonly orders: (extent: Extent) => Orders
  /** Counted is with how many things the broker starts, a second of its start; not what comes after it. */
  readonly started?: (extent: Extent) => number
  /** What the design wants, as a multiple of the better peer, or of the bare log. */
  readonly targets?: Readonly<Partial<Record<ContenderId, number>>>
  readonly against?: 'peers' | 'log'
}

const AT_ONCE: readonly ContenderId[] = ['mosquitto', 'aedes', 'bare', 'decided']
const KEEPERS: readonly ContenderId[] = ['mosquitto-saved', 'aedes-level', 'fsync', 'os']

/** Clients whose messages wait while they are away; all of them share in a queue's messages. */
const AWAY = '10'
/** A queue is taken to be drained when nothing comes for so long, in seconds. */
const QUIET_SEC = '2'
/** What a broker may take for the filling of queues, as a multiple of the seconds. */
const FILL_SHARE = 15

export const ROWS: readonly Row[] = [
  {
    id: 'qos0',
    title: 'QoS 0, 50 pairs, 200 bytes',
    unit: 'delivered',
    contenders: AT_ONCE,
    orders: ({ seconds }) => ['pairs', '50', '20', '0', '200', String(seconds)],
    targets: { bare: 8, decided: 4 },
  },
  {
    id: 'qos1',
    title: 'QoS 1, 50 pairs, 200 bytes',
    unit: 'delivered',
    contenders: AT_ONCE,
    orders: ({ seconds }) => ['pairs', '50', '20', '1', '200', String(seconds)],
    targets: { bare: 6, decided: 4.5 },
  },
  {
    id: 'fanout',
    title: 'QoS 0, one to 500, 200 bytes',
    unit: 'delivered',
    contenders: AT_ONCE,
    orders: ({ seconds }) => ['fanout', '500', '10', '0', '200', String(seconds)],
    targets: { bare: 7, decided: 6 },
  },
  {
    id: 'connects',
    title: 'connect and disconnect, 20 at a time',
    unit: 'connects',
    contenders: AT_ONCE,
    orders: ({ seconds }) => ['churn', '20', String(seconds)],
    targets: { bare: 0.9, decided: 0.6 },
  },
  durable('durable1', 1, 1),
  durable('durable1-many', 1, 20),
  durable('durable2', 2, 1),
  durable('durable2-many', 2, 20),
  {
    id: 'fill',
    title: 'queues of clients that are away, filled',
    unit: 'messages',
    contenders: KEEPERS,
    orders: fill,
  },
  {
    id: 'drain',
    title: 'queues of clients that come back, drained',
    unit: 'messages',
    contenders: KEEPERS,
    before: { orders: fill, restarts: false },
    orders: () => ['drain', AWAY, QUIET_SEC],
  },
  {
    id: 'resume',
    title: 'sessions after a start, taken up again',
    unit: 'sessions',
    contenders: KEEPERS,
    before: { orders: (extent) => ['leave', String(sessions(extent))], restarts: true },
    orders: (extent) => ['resume', String(sessions(extent))],
  },
  {
    id: 'sessions',
    title: 'start with sessions of a subscription each',
    unit: 'sessions',
    contenders: KEEPERS,
    before: { orders: (extent) => ['leave', String(sessions(extent))], restarts: true },
    orders: () => ['resume', '1'],
    started: sessions,
  },
  {
    id: 'retained',
    title: 'start with retained messages, 200 bytes',
    unit: 'messages',
    contenders: KEEPERS,
    before: { orders: (extent) => ['retain', String(retained(extent)), '200'], restarts: true },
    orders: (extent) => ['recall', String(retained(extent))],
    started: retained,
  },
]

/** Acknowledged when it is kept: a publisher, and a subscriber whose session lasts. */
function durable(id: string, qos: 1 | 2, window: number): Row {
  const way = window === 1 ? 'one at a time' : `${window} at a time`
  return {
    id,
    title: `kept QoS ${qos}, 50 pairs, ${way}, 200 bytes`,
    unit: 'acknowledged',
    contenders: [...KEEPERS, 'log'],
    orders: ({ seconds }) => ['durable', '50', String(window), String(qos), '200', String(seconds)],
    targets: qos === 1 ? { fsync: 0.4 } : {},
    against: 'log',
  }
}

function fill({ seconds, full }: Extent): Orders {
  return ['fill', AWAY, '100', full ? '1000000' : '50000', '200', String(seconds * FILL_SHARE)]
}

function sessions({ full }: Extent): number {
  return full ? 100_000 : 5000
}

function retained({ full }: Extent): number {
  return full ? 1_000_000 : 50_000
}
