import { Resolver } from 'node:dns/promises'
import { FETCH_MS, LOOKUP_TRIES, LOOKUPS_UNDER_WAY } from '../../limits.ts'
import { Refusal } from './power.ts'

/** Finds all addresses of a name, as text, until `ended` is aborted. */
export type Lookup = (host: string, ended?: AbortSignal) => Promise<readonly string[]>

/**
 * Asks the name servers themselves. The system's own way takes a thread of four that files and passwords need
 * too, and keeps it until its resolver gives up: a tenant whose names are slow to resolve would stop all
 * others. Here a question is a datagram of the event loop's, and ends with whoever asks, so that a tenant has
 * no more of them under way than fetches. The hosts file, search domains and other sources are not looked at:
 * what is on the public internet is found in the DNS.
 *
 * @param servers as `address:port`; default: those of the system, as they are set by then.
 */
export function nameServers(servers?: readonly string[]): Lookup {
  let underWay = 0
  return async (host, ended) => {
    ended?.throwIfAborted()
    if (underWay >= LOOKUPS_UNDER_WAY) throw new Refusal('limit', 'too many names are being looked up')
    underWay += 1
    // its own, so that it can be called off alone
    const resolver = new Resolver({ timeout: FETCH_MS / LOOKUP_TRIES, tries: LOOKUP_TRIES })
    const cancel = (): void => resolver.cancel()
    ended?.addEventListener('abort', cancel, { once: true })
    try {
      if (servers !== undefined) resolver.setServers(servers)
      const families = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
      return families.flatMap((family) => (family.status === 'fulfilled' ? family.value : []))
    } finally {
      ended?.removeEventListener('abort', cancel)
      underWay -= 1
    }
  }
}
