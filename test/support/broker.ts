import { after } from 'node:test'
import { type Broker, createBroker } from '../../src/index.ts'

/** A broker on free ports of the loopback, stopped when the test file ends. */
export interface TestBroker {
  readonly broker: Broker
  /** Of the listener `mqtt`. */
  readonly port: number
  readonly url: string
  /** Of the listener `web`. */
  readonly webUrl: string
}

/** Both transports, the system choosing the ports. */
export const FREE_LISTENERS = {
  mqtt: { type: 'tcp', bind: '127.0.0.1:0' },
  web: { type: 'ws', bind: '127.0.0.1:0', path: '/mqtt' },
} as const

/** A loaded machine must not look like a slow plugin: the clocks are set for what does not end at all. */
const PATIENT = { limits: { softMs: 500, wallMs: 2000 } } as const

/** Starts a broker; `config` needs no listeners. */
export async function startBroker(config: Readonly<Record<string, unknown>>): Promise<TestBroker> {
  const broker = await createBroker(
    { listeners: FREE_LISTENERS, sandbox: PATIENT, ...config },
    { log: (process.env['BULKHEAD_TEST_LOG'] ?? 'silent') as 'silent', env: {} },
  )
  after(() => broker.stop())
  await broker.start()
  const mqtt = broker.listeners.find(({ name }) => name === 'mqtt')
  const web = broker.listeners.find(({ name }) => name === 'web')
  return { broker, port: mqtt?.port ?? 0, url: mqtt?.url ?? '', webUrl: web?.url ?? '' }
}
