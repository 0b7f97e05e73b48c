import { test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'

const { port } = await startBroker({ anonymous: true })

for (const version of [3, 4, 5] as const) {
  test(`[MQTT-3.12.4-1] version ${version}: each PINGREQ is answered with a PINGRESP`, async () => {
    const client = await RawClient.connect(port, version)
    client.send({ cmd: 'pingreq' }, { cmd: 'pingreq' })
    await client.expect('pingresp')
    await client.expect('pingresp')
    await client.silence()
  })
}
