import { Buffer } from 'node:buffer'
import { type Packet, parser } from 'mqtt-packet'
import type { ConnectPacket } from '../../src/codec/packets.ts'
import { type AuthenticateText, authenticateText } from '../../src/hooks/authentication.ts'
import { Peer } from '../../src/protocol/peer.ts'
import { CONDUCT } from '../../src/protocol/verbs.ts'
import type { Client } from '../../src/session/client.ts'
import type { Session } from '../../src/session/session.ts'
import { type FakePlugin, hooksOf } from './fake-plugins.ts'
import { StagedConnection } from './protocol-stage.ts'
import { StagedRealm } from './staged-realm.ts'
import { testClient } from './sessions.ts'

/** A CONNECT of `c1` as `ann`, by an authentication method. */
const CONNECT: ConnectPacket = {
  version: 5,
  cleanStart: true,
  clientId: 'c1',
  keepAliveSec: 0,
  username: 'ann',
  password: Buffer.from('secret'),
  sessionExpirySec: 0,
  receiveMaximum: 10,
  maximumPacketSize: 0,
  topicAliasMaximum: 0,
  requestResponseInformation: false,
  requestProblemInformation: true,
  userProperties: [],
  authenticationMethod: 'M',
}

const NEWCOMER = {
  tenant: 'acme',
  listener: 'mqtt',
  remoteAddress: '192.0.2.1',
  clientId: 'c1',
  username: 'ann',
}

/** What plugins are told of it. */
export function eventOf(): AuthenticateText {
  return authenticateText(CONNECT, NEWCOMER)
}

/** The same without a method. */
export function plainEvent(): AuthenticateText {
  const { authenticationMethod: _, ...plain } = CONNECT
  return authenticateText(plain, NEWCOMER)
}

/** `ann`'s connection in a tenant with these plugins: what is written stays in memory, time stands still. */
export class OnlinePeer {
  readonly staged: StagedRealm
  readonly connection = new StagedConnection()
  readonly peer: Peer
  readonly session: Session
  /** How often the client that was there at first was let go. */
  released = 0

  private constructor(staged: StagedRealm, plugins: readonly FakePlugin[]) {
    this.staged = staged
    this.staged.tenant.hooks = hooksOf(plugins)
    const subject = { ref: 1, json: '', source: 'client ann', release: () => void (this.released += 1) }
    this.session = staged.session('c1', null, { principal: 'ann', username: 'ann', subject })
    this.peer = new Peer(staged.node, this.connection, 'mqtt', CONDUCT)
    this.peer.version = 5
    this.peer.clientId = 'c1'
    this.peer.state = 'online'
    this.peer.realm = staged.tenant
    this.peer.session = this.session
    this.peer.client = this.session.client
    this.session.link = this.peer
    // it keeps no keep alive
    staged.node.timers.cancel(this.peer)
  }

  static async open(...plugins: readonly FakePlugin[]): Promise<OnlinePeer> {
    return new OnlinePeer(await StagedRealm.open(), plugins)
  }

  get client(): Client {
    return this.peer.client ?? testClient('nobody')
  }

  /** Lets so much time pass. */
  wait(ms: number): void {
    this.staged.node.nowMs += ms
    this.staged.node.timers.turn()
  }

  /** What was written since the last look, as a foreign library reads it: each packet's kind and its code. */
  written(): (readonly [cmd: string, reasonCode: unknown])[] {
    const packets: Packet[] = []
    const reading = parser({ protocolVersion: 5 })
    reading.on('packet', (packet) => packets.push(packet))
    reading.parse(this.connection.taken())
    return packets.map((packet) => [packet.cmd, 'reasonCode' in packet ? packet.reasonCode : undefined])
  }
}
