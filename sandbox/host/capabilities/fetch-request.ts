import { FETCH_URL_CHARS } from '../../limits.ts'
import { type Field, Mistake, object, oneOf } from '../fields.ts'
import { checked } from './argument.ts'
import { bytesOf, decodeBytes } from './byte-fields.ts'
import { type Header, headerList } from './fetch-headers.ts'
import { Refusal } from './power.ts'

/** A request as it is sent, or sent on by a redirect. */
export interface FetchRequest {
  readonly url: string
  readonly method: Method
  readonly headers: readonly Header[]
  readonly body: Uint8Array | undefined
}

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

const url: Field = (value) =>
  typeof value === 'string' && value.length <= FETCH_URL_CHARS
    ? value
    : new Mistake(`: must be text of at most ${FETCH_URL_CHARS} characters`)

/**
 * Reads what the guest sends for `ctx.fetch(url, init)`:
 * `{ url, method?, headers?: { NAME: TEXT | { secret, prefix? } }, body?: TEXT, body64?: BASE64 }`.
 *
 * @param bodyBytes how large a body may be.
 * @throws Refusal `invalid`, which says where and what is wrong.
 */
export function readRequest(argument: unknown, bodyBytes: number): FetchRequest {
  const shape = object(
    {
      url,
      method: oneOf('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'),
      headers: headerList,
      ...bytesOf('body', bodyBytes),
    },
    ['url'],
  )
  const fields = checked(shape, argument) as Readonly<Record<string, unknown>>
  const method = (fields['method'] ?? 'GET') as Method
  const body = decodeBytes('body', fields)
  // a GET may have one, though few servers look at it [RFC 9110, 9.3.1]
  if (body !== undefined && method === 'HEAD') throw new Refusal('invalid', 'body: HEAD has none')
  return {
    url: fields['url'] as string,
    method,
    headers: (fields['headers'] ?? []) as readonly Header[],
    body,
  }
}
