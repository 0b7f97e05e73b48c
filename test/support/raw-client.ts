import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectSocket, type Socket } from 'node:net'
import { after } from 'node:test'
import { generate, type IConnackPacket, type IConnectPacket, type Packet, parser } from 'mqtt-packet'

export type PacketOf<Cmd extends Packet['cmd']> = Extract<Packet, { cmd: Cmd }>

/**
 * A client that says exactly what a test wants it to say, in the foreign library's words, and answers
 * nothing by itself. Closed when the test is over.
 */
export class RawClient {
  readonly socket: Socket
  readonly version: 3 | 4 | 5
  readonly #parser: ReturnType<typeof parser>
  readonly #packets: Packet[] = []
  #closed = false
  #wake: (() => void) | null = null

  private constructor(socket: Socket, version: 3 | 4 | 5) {
    this.socket = socket
    this.version = version
    this.#parser = parser({ protocolVersion: version })
    this.#parser.on('packet', (packet) => void this.#packets.push(packet))
    socket.on('data', (chunk: Buffer) => {
      this.#parser.parse(chunk)
      this.#wake?.()
    })
    socket.on('end', () => this.#wake?.())
    socket.on('close', () => {
      this.#closed = true
      this.#wake?.()
    })
    // what the broker closed before all was sent: the test sees the close
    socket.on('error', () => undefined)
    after(() => socket.destroy())
  }

  /** A connection that has said nothing yet. */
  static async open(port: number, version: 3 | 4 | 5 = 5): Promise<RawClient> {
    // half open: a test looks at what the broker sends and closes, whatever it has sent itself
    const socket = connectSocket({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    await once(socket, 'connect')
    return new RawClient(socket, version)
  }

  /** A connection whose CONNECT was accepted. */
  static async connect(
    port: number,
    version: 3 | 4 | 5 = 5,
    options: Partial<IConnectPacket> = {},
  ): Promise<RawClient> {
    const client = await RawClient.open(port, version)
    const connack = await client.connack(options)
    assert.equal(connack.reasonCode ?? connack.returnCode, 0)
    return client
  }

  /** Sends a CONNECT and returns its answer. */
  async connack(options: Partial<IConnectPacket> = {}): Promise<IConnackPacket> {
    this.send(connectPacket(this.version, options))
    return this.expect('connack')
  }

  /** All in one write. */
  send(...packets: readonly Packet[]): void {
    this.write(Buffer.concat(packets.map((packet) => generate(packet, { protocolVersion: this.version }))))
  }

  write(bytes: Buffer): void {
    this.socket.write(bytes)
  }

  publish(fields: Partial<PacketOf<'publish'>> & { readonly topic: string }): void {
    this.send({ cmd: 'publish', qos: 0, dup: false, retain: false, payload: '', ...fields })
  }

  /** Subscribes and returns the code of each filter. */
  async subscribe(
    ...subscriptions: readonly PacketOf<'subscribe'>['subscriptions'][number][]
  ): Promise<readonly number[]> {
    this.send({ cmd: 'subscribe', messageId: 65_000, subscriptions: [...subscriptions] })
    return (await this.expect('suback')).granted as number[]
  }

  /** The next packet, which is to be of this kind, or of one of these. */
  async expect<Cmd extends Packet['cmd']>(...kinds: readonly Cmd[]): Promise<PacketOf<Cmd>> {
    while (this.#packets.length === 0) {
      assert.ok(!this.#closed, `closed while ${kinds.join()} was expected`)
      await this.#more()
    }
    const packet = this.#packets.shift() as PacketOf<Cmd>
    assert.ok(kinds.includes(packet.cmd), `${kinds.join()} expected: ${JSON.stringify(packet)}`)
    return packet
  }

  /** That nothing came: what the broker had to say, it would have said before it answered this. */
  async silence(): Promise<void> {
    this.send({ cmd: 'pingreq' })
    await this.expect('pingresp')
  }

  /** All that comes until the broker closes. */
  async end(): Promise<readonly Packet[]> {
    while (!this.#closed && !this.socket.readableEnded) await this.#more()
    this.socket.destroy()
    return this.#packets.splice(0)
  }

  /** The one DISCONNECT with which the broker ends this connection: its reason code. */
  async disconnected(): Promise<number | undefined> {
    const packets = await this.end()
    assert.deepEqual(
      packets.map(({ cmd }) => cmd),
      ['disconnect'],
    )
    return (packets[0] as PacketOf<'disconnect'>).reasonCode
  }

  async #more(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
  }
}

export function connectPacket(version: 3 | 4 | 5, options: Partial<IConnectPacket> = {}): IConnectPacket {
  return {
    cmd: 'connect',
    protocolId: version === 3 ? 'MQIsdp' : 'MQTT',
    protocolVersion: version,
    clean: true,
    clientId: `raw-${Math.random().toString(36).slice(2)}`,
    keepalive: 0,
    ...options,
  }
}
