import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import { createSecureContext } from 'node:tls'
import type * as Undici from 'undici'
import type { buildConnector, Client } from 'undici'
import { FETCH_HEADERS_BYTES } from '../../limits.ts'
import { addressBytes } from './egress-address.ts'
import { readBody } from './fetch-body.ts'
import { isRedirect } from './fetch-redirect.ts'
import { Refusal } from './power.ts'

/** One request as it is to be sent: plain data, all of it judged. */
export interface Exchange {
  readonly origin: string
  /** With the query. */
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
  /** To one of these alone. */
  readonly addresses: readonly string[]
  /** The largest body of the answer. */
  readonly mostBytes: number
  readonly timeoutMs: number
  /** Certificates, as PEM, of the authorities that are trusted in place of the well-known ones. */
  readonly ca: string | undefined
}

/** An answer before the plugin may see it. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Empty if `location` says where to go instead. */
  readonly body: Uint8Array
  readonly location: string | undefined
}

/** Sends one request over a connection of its own. @throws Refusal, and what the network says. */
export async function exchange(asked: Exchange, ended: AbortSignal): Promise<Answer> {
  const { method, path, headers, body } = asked
  const client = await openClient(asked)
  try {
    const answer = await client.request({
      path,
      method,
      headers,
      body: body ?? null,
      signal: ended,
      reset: true,
    })
    const { statusCode: status } = answer
    const { location, 'content-encoding': encoding } = answer.headers
    const target = isRedirect(status) && location !== undefined ? joined(location) : undefined
    const isEmpty = target !== undefined || method === 'HEAD' || status === 204 || status === 304
    const read = isEmpty ? new Uint8Array() : await readBody(answer.body, joined(encoding), asked.mostBytes)
    return { status, headers: answer.headers, body: read, location: target }
  } finally {
    await client.destroy()
  }
}

function joined(value: string | string[] | undefined): string {
  return Array.isArray(value) ? value.join(', ') : (value ?? '')
}

/**
 * An HTTP client for one origin that can connect to these addresses alone. It keeps nothing: no session, no
 * cookie, no idle connection outlasts it. Destroy it after its one request.
 */
async function openClient({ origin, addresses, timeoutMs, ca }: Exchange): Promise<Client> {
  const { Client, buildConnector } = await loadUndici()
  const connect = buildConnector({
    ...(ca === undefined ? {} : { ca }),
    // said aloud, since NODE_TLS_REJECT_UNAUTHORIZED could say otherwise
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ciphers: CIPHERS,
    ecdhCurve: CURVES,
    maxCachedSessions: 0,
    keepAlive: false,
    allowH2: false,
    timeout: timeoutMs,
    autoSelectFamily: true,
    lookup: pinned(addresses),
  })
  return new Client(origin, {
    connect: rechecked(connect, addresses),
    allowH2: false,
    pipelining: 1,
    maxHeaderSize: FETCH_HEADERS_BYTES,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
}

/**
 * Without Diffie-Hellman in finite fields: there the host would choose a group whose one exponentiation holds
 * the event loop for longer than all else that a fetch does.
 */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  ...['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305'].flatMap((each) => [
    `ECDHE-ECDSA-${each}`,
    `ECDHE-RSA-${each}`,
  ]),
].join(':')
const CURVES = 'X25519:P-256:P-384'

let undici: Promise<typeof Undici> | undefined

/**
 * Loads undici with the first plugin that fetches: it takes longer than the rest of a broker's start. What it
 * and Node would put off to the first request, and then do while clients wait, is done here.
 */
export function loadUndici(): Promise<typeof Undici> {
  undici ??= warmUp()
  return undici
}

async function warmUp(): Promise<typeof Undici> {
  const loaded = await import('undici')
  // reads the well-known authorities
  createSecureContext()
  // compiles the parser of responses
  const server = createServer((_request, response) => response.end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = new loaded.Client(`http://127.0.0.1:${port}`)
  await client.request({ path: '/', method: 'GET' }).then(({ body }) => body.dump())
  await client.destroy()
  server.close()
  return loaded
}

/** A resolver that knows one answer. */
function pinned(addresses: readonly string[]): LookupFunction {
  const entries = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  const [first] = entries
  return (_host, options, done) => {
    if (options.all === true) done(null, entries)
    else done(null, first?.address ?? '', first?.family)
  }
}

/** Looks at what a socket is really connected to, whatever happened before. */
function rechecked(
  connect: buildConnector.connector,
  addresses: readonly string[],
): buildConnector.connector {
  const known = new Set(addresses.map(spelling))
  return (options, done) => {
    connect(options, (...[error, socket]) => {
      if (error !== null) return done(error, null)
      const { remoteAddress = '' } = socket
      if (known.has(spelling(remoteAddress))) return done(null, socket)
      socket.destroy()
      done(new Refusal('notAllowed', 'the host leads to an address that was not checked'), null)
    })
  }
}

/** One spelling for each address; IPv4 inside IPv6 is the same address. */
function spelling(address: string): string {
  const bytes = addressBytes(address) ?? new Uint8Array()
  return Buffer.from(bytes.length === 4 ? [...MAPPED, ...bytes] : bytes).toString('hex')
}

const MAPPED: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
