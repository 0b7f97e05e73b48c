import type { BrokerAddress } from './client-config.ts'

/** What a broker's URI looks like, in the words of an error message. */
export const URI_EXPECTED = 'mqtt://HOST[:PORT], mqtts://…, ws://HOST[:PORT]/PATH or wss://…'

/** aMQTT's, which are the standard's. */
const PORTS = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 } as const

/** Reads the URI of a broker; undefined where it is none. */
export function parseBrokerUri(uri: string): BrokerAddress | undefined {
  const url = URL.parse(uri)
  if (url === null || url.hostname === '') return undefined
  const protocol = url.protocol.slice(0, -1)
  if (!isProtocol(protocol)) return undefined
  const username = decoded(url.username)
  const password = decoded(url.password)
  if (username === undefined || password === undefined) return undefined
  return {
    protocol,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? PORTS[protocol] : Number(url.port),
    path: protocol.startsWith('ws') ? url.pathname + url.search : '',
    username: username === '' ? undefined : username,
    password: password === '' ? undefined : password,
  }
}

function isProtocol(word: string): word is BrokerAddress['protocol'] {
  return Object.hasOwn(PORTS, word)
}

/** Undefined where a percent sign begins no character. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
