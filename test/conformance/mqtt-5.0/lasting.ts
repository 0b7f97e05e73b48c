import assert from 'node:assert/strict'
import type { IConnectPacket } from 'mqtt-packet'
import { type PacketOf, RawClient } from '../../support/raw-client.ts'

/**
 * A client whose session outlives its connection; one that is connected is taken over.
 *
 * @param connect what its CONNECT says besides; `clean` begins the session anew.
 * @param isPresent whether the broker is to know the session.
 */
export async function lasting(
  port: number,
  clientId: string,
  isPresent: boolean,
  connect: Partial<IConnectPacket> = {},
): Promise<RawClient> {
  const properties = { sessionExpiryInterval: 60, ...connect.properties }
  const client = await RawClient.open(port)
  const connack = await client.connack({ clean: false, ...connect, clientId, properties })
  assert.deepEqual([connack.reasonCode, connack.sessionPresent], [0, isPresent])
  return client
}

/** Says goodbye: when this returns, the broker keeps what comes for the session. */
export async function leave(client: RawClient): Promise<void> {
  client.send({ cmd: 'disconnect', reasonCode: 0 })
  await client.end()
}

/** A message, taken by the broker when this returns: what it brings about at once is on its way. */
export async function put(
  publisher: RawClient,
  fields: Partial<PacketOf<'publish'>> & { readonly topic: string },
): Promise<void> {
  publisher.publish({ messageId: 1, ...fields })
  if (fields.qos === 1) await publisher.expect('puback')
  else if (fields.qos === 2) {
    await publisher.expect('pubrec')
    publisher.send({ cmd: 'pubrel', messageId: fields.messageId ?? 1 })
    await publisher.expect('pubcomp')
  } else await publisher.silence()
}

/** Takes a message as its QoS asks. */
export async function take(client: RawClient): Promise<PacketOf<'publish'>> {
  const message = await client.expect('publish')
  const { messageId = 0, qos } = message
  if (qos === 1) client.send({ cmd: 'puback', messageId })
  else if (qos === 2) {
    client.send({ cmd: 'pubrec', messageId })
    assert.equal((await client.expect('pubrel')).messageId, messageId)
    client.send({ cmd: 'pubcomp', messageId })
  }
  return message
}
