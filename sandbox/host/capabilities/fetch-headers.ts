import { FETCH_HEADERS, FETCH_HEADERS_BYTES } from '../../limits.ts'
import { type Field, isObject, Mistake } from '../fields.ts'
import { Refusal } from './power.ts'
import { fillSecret, isSecretName, type SecretName, secretName } from './secret-ref.ts'

/** A checked header, its name in lower case. */
export interface Header {
  readonly name: string
  readonly value: string | SecretName
}

/** Letters, digits and hyphens: `_` would be a second spelling of `-` to what reads names as CGI does. */
const NAME = /^[a-z][a-z0-9-]{0,63}$/
const VALUE = /^[\x20-\x7e]*$/

/**
 * What frames the message, names the way it came, or speaks for somebody else: the client's or the host's
 * alone.
 */
const OURS: ReadonlySet<string> = new Set([
  'host', 'content-length', 'transfer-encoding', 'connection', 'keep-alive', 'upgrade', 'te', 'trailer',
  'trailers', 'expect', 'cookie', 'cookie2', 'set-cookie', 'forwarded', 'via', 'max-forwards',
  'http2-settings', 'accept-encoding', 'content-encoding', 'x-real-ip', 'x-client-ip', 'true-client-ip',
  'x-cluster-client-ip',
  'x-rewrite-url', 'x-http-method', 'x-http-method-override', 'x-method-override', 'early-data', 'alt-used',
  'client-ip', 'x-host', 'x-remote-ip', 'x-remote-addr', 'x-remote-user', 'remote-user', 'remote-addr',
  'origin', 'referer', 'date', 'dnt', 'x-appengine-user-ip', 'x-azure-clientip', 'x-azure-socketip',
]) // biome-ignore format: a table
const OUR_PREFIXES = [
  'proxy-',
  'sec-',
  'x-forwarded',
  'x-original-',
  'x-envoy-',
  'x-proxy',
  'x-amzn-',
  'cf-',
  'fastly-',
]

/** Reads the headers of a request into a list of {@link Header}. */
export const headerList: Field = (value) => {
  if (!isObject(value)) return new Mistake(': must be an object')
  const entries = Object.entries(value)
  if (entries.length > FETCH_HEADERS) return new Mistake(`: must have at most ${FETCH_HEADERS} keys`)
  const headers = new Map<string, Header>()
  for (const [written, given] of entries) {
    const name = written.toLowerCase()
    const quoted = JSON.stringify(written.slice(0, 64))
    if (!NAME.test(name)) {
      return new Mistake(`${quoted}: must be letters, digits and hyphens, at most 64`)
    }
    if (OURS.has(name) || OUR_PREFIXES.some((prefix) => name.startsWith(prefix))) {
      return new Mistake(`${quoted}: is set by the host or by nobody`)
    }
    if (headers.has(name)) return new Mistake(`${quoted}: is given twice`)
    const checked = typeof given === 'string' ? headerText(given) : secretName(given)
    if (checked instanceof Mistake) return checked.under(quoted)
    headers.set(name, { name, value: checked as Header['value'] })
  }
  return [...headers.values()]
}

function headerText(value: string): string | Mistake {
  if (value.length > FETCH_HEADERS_BYTES)
    return new Mistake(`: must be at most ${FETCH_HEADERS_BYTES} characters`)
  return VALUE.test(value) ? value : new Mistake(': must be printable ASCII')
}

/**
 * The headers as they are sent, secrets filled in.
 *
 * @throws Refusal `unavailable` for a secret that is not there or cannot stand in a header, `invalid` for
 * headers that are too large together.
 */
export function filledHeaders(
  headers: readonly Header[],
  secrets: Readonly<Record<string, string>>,
): Record<string, string> {
  const filled: Record<string, string> = {}
  let size = 0
  for (const { name, value } of headers) {
    const text = isSecretName(value) ? fillSecret(value, secrets) : value
    if (isSecretName(value) && !VALUE.test(text)) {
      const secret = JSON.stringify(value.secret)
      throw new Refusal('unavailable', `the secret ${secret} is not printable ASCII, as a header must be`)
    }
    filled[name] = text
    size += name.length + text.length + 4
  }
  if (size > FETCH_HEADERS_BYTES) {
    throw new Refusal('invalid', `headers: must be at most ${FETCH_HEADERS_BYTES} bytes together`)
  }
  return filled
}

/** Those that may follow a redirect to another origin: no secret, and nothing that proves who asks. */
export function headersElsewhere(headers: readonly Header[]): Header[] {
  return headers.filter(({ name, value }) => name !== 'authorization' && !isSecretName(value))
}

/** Those of a request that lost its body by a redirect. */
export function headersWithoutBody(headers: readonly Header[]): Header[] {
  return headers.filter(({ name }) => !name.startsWith('content-'))
}
