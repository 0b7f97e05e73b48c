import { FETCH_REDIRECTS } from '../../limits.ts'
import type { CallBudget } from './call-budget.ts'
import { type Egress, insideOf, resolveHost } from './egress.ts'
import type { Answer } from './exchange.ts'
import { ExchangeThreads, type Speaker } from './exchange-threads.ts'
import { ACCEPT_ENCODING } from './fetch-body.ts'
import { failure } from './fetch-failure.ts'
import { filledHeaders } from './fetch-headers.ts'
import { checkUrl, grantedReach, type Reach } from './fetch-hosts.ts'
import { type Redaction, redaction } from './fetch-redact.ts'
import { redirected } from './fetch-redirect.ts'
import { type FetchRequest, readRequest } from './fetch-request.ts'
import { type Holder, type Power, Refusal } from './power.ts'

/** What `ctx.fetch` comes to, as the guest gets it. */
export interface FetchResult {
  readonly status: number
  /** After redirects. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body64: string
}

/** Those of this process: plugins of all hosts share them. */
const threads = new ExchangeThreads()

/** What an answer says of its connection, or of a body no longer packed; and cookies: nobody keeps them. */
const NOT_SHOWN: ReadonlySet<string> = new Set([
  'connection', 'keep-alive', 'transfer-encoding', 'content-encoding', 'set-cookie', 'set-cookie2',
]) // biome-ignore format: a table

/**
 * HTTPS to the granted hosts, and nowhere else but where the operator named an origin of its own network:
 * each name is resolved once, each of its addresses must be public, or of such a network, each redirect is
 * judged as if the plugin had asked for it.
 *
 * @param budget the tenant's, shared by all of its plugins.
 */
export function fetchPower(holder: Holder, egress: Egress, budget: CallBudget): Power {
  const reach = grantedReach(holder.grant)
  const cleaned = redaction(holder.secrets)
  const mostBytes = holder.limits.fetchKiB * 1024
  // now, while the plugin loads, and not in the first second of its first fetch
  const speaker = threads.open(holder.tenant)
  return {
    async call(argument, signal) {
      const request = readRequest(argument, mostBytes)
      const url = checkUrl(request.url, reach)
      await speaker.ready
      return budget.run(performance.now(), () => {
        const fetching: Fetching = { holder, egress, reach, mostBytes, speaker }
        return untilDeadline(egress.timeoutMs, signal, async (ended) => {
          const [answer, last] = await follow(fetching, request, url, ended)
          return resultOf(answer, last, cleaned)
        })
      })
    },
    close: () => speaker.close(),
  }
}

/** What stays the same from hop to hop. */
interface Fetching {
  readonly holder: Holder
  readonly egress: Egress
  readonly reach: Reach
  readonly mostBytes: number
  readonly speaker: Speaker
}

/** @returns the answer that is no redirect, and where it came from. */
async function follow(
  fetching: Fetching,
  asked: FetchRequest,
  first: URL,
  ended: AbortSignal,
): Promise<[Answer, URL]> {
  let [request, url] = [asked, first]
  for (let hops = 0; hops <= FETCH_REDIRECTS; hops += 1) {
    const answer = await exchange(fetching, request, url, ended)
    if (answer.location === undefined) return [answer, url]
    const target = checkUrl(answer.location, fetching.reach, url)
    request = redirected(request, answer.status, url, target)
    url = target
  }
  throw new Refusal('unavailable', `the host redirects more than ${FETCH_REDIRECTS} times`)
}

/** One request and its answer, over a connection of its own. */
async function exchange(
  { holder, egress, reach, mostBytes, speaker }: Fetching,
  { method, headers, body }: FetchRequest,
  url: URL,
  ended: AbortSignal,
): Promise<Answer> {
  const filled = filledHeaders(headers, holder.secrets)
  const way = reach.inside.has(url.origin) ? insideOf(egress) : egress
  const addresses = await resolveHost(way, url.hostname, ended)
  ended.throwIfAborted()
  return speaker.exchange(
    {
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: { 'user-agent': 'bulkhead', ...filled, 'accept-encoding': ACCEPT_ENCODING },
      body,
      addresses,
      mostBytes,
      timeoutMs: egress.timeoutMs,
      ca: egress.ca,
    },
    ended,
  )
}

/**
 * Runs until it ends, its time is over, or nobody waits any more, whichever is first. What goes on behind its
 * back, finds `ended` aborted and ends there.
 *
 * @throws Refusal whatever went wrong.
 */
async function untilDeadline<T>(
  ms: number,
  signal: AbortSignal,
  run: (ended: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController()
  const { promise: never, reject } = Promise.withResolvers<never>()
  const end = (why: string): void => {
    const refusal = new Refusal('unavailable', why)
    ending.abort(refusal)
    reject(refusal)
  }
  const abandon = (): void => end('nobody waits for the answer any more')
  const deadline = setTimeout(() => end(`there was no whole answer within ${ms} ms`), ms)
  signal.addEventListener('abort', abandon, { once: true })
  if (signal.aborted) abandon()
  try {
    return await Promise.race([never, run(ending.signal)])
  } catch (error) {
    throw failure(error)
  } finally {
    clearTimeout(deadline)
    signal.removeEventListener('abort', abandon)
  }
}

function resultOf({ status, headers, body }: Answer, url: URL, cleaned: Redaction): FetchResult {
  const isPacked = headers['content-encoding'] !== undefined
  const shown = Object.entries(headers).filter(
    ([name]) => !NOT_SHOWN.has(name) && !(isPacked && name === 'content-length'),
  )
  return {
    status,
    url: cleaned.text(url.href),
    headers: Object.fromEntries(shown.map(([name, value]) => [name, cleaned.text(joined(value))])),
    body64: Buffer.from(cleaned.bytes(body)).toString('base64'),
  }
}

function joined(value: string | string[] | undefined): string {
  return Array.isArray(value) ? value.join(', ') : (value ?? '')
}
