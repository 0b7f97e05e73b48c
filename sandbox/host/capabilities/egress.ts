import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import { createSecureContext } from 'node:tls'
import type * as Undici from 'undici'
import type { buildConnector, Client } from 'undici'
import { FETCH_ADDRESSES, FETCH_HEADERS_BYTES, FETCH_MS, LOOKUPS_UNDER_WAY } from '../../limits.ts'
import { addressBytes, isInsideAddress, isPublicAddress } from './egress-address.ts'
import { Refusal } from './power.ts'

/** The way out: what `fetch` needs of the world. The broker's own is {@link PUBLIC_INTERNET}. */
export interface Egress {
  /** All addresses of a name, as text. */
  lookup(host: string): Promise<readonly string[]>
  /** Whether an address may be spoken to at all, whoever allowed its name. */
  isAllowed(address: string): boolean
  /** For a whole fetch, redirects included. */
  readonly timeoutMs: number
  /** Certificates, as PEM, of the authorities that are trusted in place of the well-known ones. */
  readonly ca?: string
}

const lookups = new Map<string, Promise<readonly string[]>>()

/** The system's resolver, public addresses alone. */
export const PUBLIC_INTERNET: Egress = {
  lookup: sharedLookup,
  isAllowed: isPublicAddress,
  timeoutMs: FETCH_MS,
}

/** The way to an origin that the operator named: what it may lead to beside the public internet. */
export function insideOf(egress: Egress): Egress {
  return { ...egress, isAllowed: (address) => egress.isAllowed(address) || isInsideAddress(address) }
}

/**
 * Looks a name up once for all who ask at the same time. A lookup cannot be called off: it holds a thread
 * until the resolver gives up, long after its fetch did, so that their number must have a bound of its own.
 */
function sharedLookup(host: string): Promise<readonly string[]> {
  const underWay = lookups.get(host)
  if (underWay !== undefined) return underWay
  if (lookups.size >= LOOKUPS_UNDER_WAY) {
    return Promise.reject(new Refusal('limit', 'too many names are being looked up'))
  }
  const found = lookup(host, { all: true })
    .then((addresses) => addresses.map(({ address }) => address))
    .finally(() => lookups.delete(host))
  lookups.set(host, found)
  return found
}

/**
 * Finds the addresses of a URL's host, once: whoever connects uses these and asks nobody again, so that a
 * name which changes its mind gains nothing.
 *
 * @throws Refusal `notAllowed` if but one address is not allowed, `unavailable` if there is none.
 */
export async function resolveHost(egress: Egress, hostname: string): Promise<readonly string[]> {
  const literal = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  const isLiteral = addressBytes(literal) !== undefined
  const addresses = isLiteral ? [literal] : await egress.lookup(hostname).catch(refuseName)
  if (addresses.length === 0 || addresses.length > FETCH_ADDRESSES) refuseName()
  if (!addresses.every((address) => egress.isAllowed(address))) {
    throw new Refusal('notAllowed', 'the host leads to an address that is not of the public internet')
  }
  return addresses
}

function refuseName(cause?: unknown): never {
  if (cause instanceof Refusal) throw cause
  throw new Refusal('unavailable', "the host's name leads nowhere")
}

/**
 * An HTTP client for one origin that can connect to these addresses alone. It keeps nothing: no session, no
 * cookie, no idle connection outlasts it. Destroy it after its one request.
 */
export async function openClient(
  egress: Egress,
  origin: string,
  addresses: readonly string[],
): Promise<Client> {
  const { Client, buildConnector } = await loadUndici()
  const connect = buildConnector({
    ...(egress.ca === undefined ? {} : { ca: egress.ca }),
    // said aloud, since NODE_TLS_REJECT_UNAUTHORIZED could say otherwise
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    maxCachedSessions: 0,
    keepAlive: false,
    allowH2: false,
    timeout: egress.timeoutMs,
    autoSelectFamily: true,
    lookup: pinned(addresses),
  })
  return new Client(origin, {
    connect: rechecked(connect, egress, addresses),
    allowH2: false,
    pipelining: 1,
    maxHeaderSize: FETCH_HEADERS_BYTES,
    headersTimeout: egress.timeoutMs,
    bodyTimeout: egress.timeoutMs,
  })
}

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
  egress: Egress,
  addresses: readonly string[],
): buildConnector.connector {
  const known = new Set(addresses.map(spelling))
  return (options, done) => {
    connect(options, (...[error, socket]) => {
      if (error !== null) return done(error, null)
      const { remoteAddress = '' } = socket
      if (known.has(spelling(remoteAddress)) && egress.isAllowed(remoteAddress)) return done(null, socket)
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
