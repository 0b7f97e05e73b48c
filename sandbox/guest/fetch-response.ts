import { text } from '../sdk/payload.ts'
import { decodeBase64, freeze, parseJson } from './primordials.ts'

/** What the host sends of a response. */
interface Fetched {
  readonly status: number
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body64: string
}

/** A response as a plugin reads it: whole by now, so that reading it never waits. */
export function fetchResponse(value: unknown): object {
  const { status, url, headers, body64 } = value as Fetched
  const body = decodeBase64(body64)
  return freeze({
    ok: status >= 200 && status < 300,
    status,
    url,
    headers: freeze(headers),
    text: async () => text({ payload: body }),
    json: async () => parseJson(text({ payload: body })),
    bytes: async () => body,
  })
}
