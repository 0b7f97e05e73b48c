import { UPGRADE_HEADERS, UPGRADE_NAME_CHARS, UPGRADE_VALUE_CHARS } from '../base/limits.ts'

/** The HTTP request that a WebSocket began with. */
export interface UpgradeRequest {
  /** With its query. */
  readonly path: string
  readonly host: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The request as plugins see it: bounded, and without what serves to prove an identity, which is for the same
 * eyes as a password. A value that is too long is left out, since a part of it would mean something else.
 */
export function seenUpgrade(request: UpgradeRequest, seesPassword: boolean): UpgradeRequest {
  const { path, host, headers } = request
  const seen = Object.entries(headers).filter(
    ([name, value]) =>
      name.length <= UPGRADE_NAME_CHARS &&
      value.length <= UPGRADE_VALUE_CHARS &&
      !HANDSHAKE.has(name) &&
      (seesPassword || !CREDENTIALS.has(name)),
  )
  return {
    path: shortEnough(seesPassword ? path : withoutQuery(path)),
    host: shortEnough(host),
    headers: Object.fromEntries(seen.slice(0, UPGRADE_HEADERS)),
  }
}

/** What browsers and scripts prove an identity with. */
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie'])

/** What the transport has used up; the host has a place of its own. */
const HANDSHAKE: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'sec-websocket-extensions',
  'sec-websocket-key',
  'sec-websocket-version',
  'upgrade',
])

function withoutQuery(path: string): string {
  const query = path.indexOf('?')
  return query < 0 ? path : path.slice(0, query)
}

function shortEnough(text: string): string {
  return text.length <= UPGRADE_VALUE_CHARS ? text : ''
}
