import { FETCH_ADDRESSES, FETCH_MS } from '../../limits.ts'
import { addressBytes, isPublicAddress } from './egress-address.ts'
import { type Lookup, nameServers } from './lookup.ts'
import { Refusal } from './power.ts'

/** The way out: what `fetch` needs of the world. The broker's own is {@link PUBLIC_INTERNET}. */
export interface Egress {
  readonly lookup: Lookup
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
  isAllowed: isPublicAddress,
  timeoutMs: FETCH_MS,
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
