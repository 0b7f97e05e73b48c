import { parser, type Packet } from 'mqtt-packet'
import type { Message } from '../../src/codec/message.ts'
import { ParkedPublish } from '../../src/protocol/parked-publish.ts'
import { Peer } from '../../src/protocol/peer.ts'
import { CONDUCT } from '../../src/protocol/verbs.ts'
import type { Client } from '../../src/session/client.ts'
import { StagedConnection } from './protocol-stage.ts'
import type { StagedRealm } from './staged-realm.ts'

/** An admitted MQTT 5 client of a staged realm: what it is told stays to be read. */
export class StagedPeer {
  readonly peer: Peer
  readonly client: Client
  readonly connection = new StagedConnection()
  readonly #realm: StagedRealm

  constructor(realm: StagedRealm, clientId: string) {
    const session = realm.session(clientId, null)
    const peer = new Peer(realm.node, this.connection, 'tcp', CONDUCT)
    peer.version = 5
    peer.realm = realm.tenant
    peer.session = session
    peer.client = session.client
    peer.clientId = clientId
    peer.state = 'online'
    session.link = peer
    this.peer = peer
    this.client = session.client
    this.#realm = realm
  }

  /** Publishes as `protocol/publish.ts` does it where plugins decide. */
  publish(message: Message, packetId = 1): void {
    const { peer, client } = this
    const { session } = peer
    if (session === null) throw new Error('it is not connected any more')
    message.publisher = client
    message.origin = session
    if (message.qos === 2) session.receive(packetId)
    const parked = new ParkedPublish(peer, client, this.#realm.tenant, session, message, packetId)
    peer.park(parked)
    parked.enter()
  }

  /** What it was sent since the last look. */
  packets(): readonly Packet[] {
    const packets: Packet[] = []
    const reading = parser({ protocolVersion: 5 })
    reading.on('packet', (packet) => packets.push(packet))
    reading.parse(this.connection.taken())
    return packets
  }
}
