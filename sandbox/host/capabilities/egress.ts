import { lookup } from 'node:dns/promises'
import { FETCH_ADDRESSES, FETCH_MS } from '../../limits.ts'
import { addressBytes, isInsideAddress, isPublicAddress } from './egress-address.ts'
import { type Lookup, nameServers } from './lookup.ts'
import { Refusal } from './power.ts'

/** The way out: what `fetch` needs of the world. The broker's own is {@link PUBLIC_INTERNET}. */
export interface Egress {
  readonly lookup: Lookup
  /** The same for names that an operator wrote down; default: like any other. */
  readonly lookupInside?: Lookup
  /** Whether an address may be spoken to at all, whoever allowed its name. */
  isAllowed(address: string): boolean
  /** For a whole fetch, redirects included. */
  readonly timeoutMs: number
  /** Certificates, as PEM, of the authorities that are trusted in place of the well-known ones. */
  readonly ca?: string
}

/** The name servers' answers, public addresses alone. */
export const PUBLIC_INTERNET: Egress = {
  lookup: nameServers(),
  lookupInside: systemLookup,
  isAllowed: isPublicAddress,
  timeoutMs: FETCH_MS,
}

/**
 * The way to an origin that the operator named: by the names of its own network, and to what else they lead
 * to than the public internet.
 */
export function insideOf(egress: Egress): Egress {
  return {
    ...egress,
    lookup: egress.lookupInside ?? egress.lookup,
    isAllowed: (address) => egress.isAllowed(address) || isInsideAddress(address),
  }
}

/**
 * The system's own way, with its hosts file. It takes a thread each time: not for names that plugins choose.
 */
async function systemLookup(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address)
}

/**
 * Finds the addresses of a URL's host, once: whoever connects uses these and asks nobody again, so that a
 * name which changes its mind gains nothing.
 *
 * @throws Refusal `notAllowed` if but one address is not allowed, `unavailable` if there is none.
 */
export async function resolveHost(
  egress: Egress,
  hostname: string,
  ended?: AbortSignal,
): Promise<readonly string[]> {
  const literal = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  const isLiteral = addressBytes(literal) !== undefined
  const addresses = isLiteral ? [literal] : await egress.lookup(hostname, ended).catch(refuseName)
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
