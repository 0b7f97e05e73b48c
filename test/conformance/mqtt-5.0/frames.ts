import { Buffer } from 'node:buffer'
import { writeVariableByteInteger } from '../../../src/codec/variable-byte-integer.ts'
import { RawClient } from '../../support/raw-client.ts'
import { hex } from '../../src/codec/framed.ts'

/** A packet by hand, its remaining length counted: the parts are bytes or written as `hex` reads them. */
export function frame(firstByte: number, ...parts: readonly (string | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? hex(part) : part)))
  const header = Buffer.alloc(5)
  header[0] = firstByte
  return Buffer.concat([header.subarray(0, writeVariableByteInteger(header, 1, body.length)), body])
}

/** A string of a packet: its length in two bytes, and its bytes, whether they are UTF-8 or not. */
export function sized(bytes: Buffer | string): Buffer {
  const content = Buffer.from(bytes)
  return Buffer.concat([Buffer.of(content.length >> 8, content.length & 0xff), content])
}

/** Properties behind their length. */
export function properties(...parts: readonly (string | Buffer)[]): Buffer {
  return frame(0, ...parts).subarray(1)
}

let clients = 0

/** A CONNECT by hand; what is left out is as harmless as can be. */
export interface Connect {
  /** Protocol name and level. */
  readonly protocol?: string
  /** Connect Flags. */
  readonly flags?: number
  readonly keepAliveSec?: number
  readonly properties?: Buffer
  readonly clientId?: Buffer | string
  /** What comes behind the client identifier. */
  readonly rest?: readonly (string | Buffer)[]
}

export function connectBytes(connect: Connect = {}): Buffer {
  const { protocol = "0004'MQTT' 05", flags = 0x02, keepAliveSec = 0, rest = [] } = connect
  const { properties: said = Buffer.of(0), clientId = `by-hand-${clients++}` } = connect
  const keepAlive = Buffer.of(keepAliveSec >> 8, keepAliveSec & 0xff)
  return frame(0x10, protocol, Buffer.of(flags), keepAlive, said, sized(clientId), ...rest)
}

/** How the broker refuses these bytes as the first of a connection: CONNACK's code; undefined: in silence. */
export async function refusalOfConnect(port: number, bytes: Buffer): Promise<number | undefined> {
  const client = await RawClient.open(port)
  client.write(bytes)
  const [answer, ...more] = await client.end()
  if (more.length > 0 || (answer !== undefined && answer.cmd !== 'connack')) {
    throw new Error(`refused with ${JSON.stringify([answer, ...more])}`)
  }
  return answer?.reasonCode
}

/** How it ends the connection of an accepted client that sends these bytes: DISCONNECT's code. */
export async function refusalOf(port: number, bytes: Buffer): Promise<number | undefined> {
  const client = await RawClient.connect(port)
  client.write(bytes)
  return client.disconnected()
}

/** The bytes that this client gets from now on, as far as they have come. */
export function bytesFrom(client: RawClient): () => Buffer {
  const chunks: Buffer[] = []
  client.socket.on('data', (chunk: Buffer) => void chunks.push(chunk))
  return () => Buffer.concat(chunks)
}
