import { Places } from '../../../src/transport/doorway.ts'
import type { ListenerSettings } from '../../../src/transport/listener.ts'

/** A listener on a free port of the loopback, for two connections. */
export function settingsOf(name: string, type: 'tcp' | 'ws'): ListenerSettings {
  return {
    name,
    type,
    host: '127.0.0.1',
    port: 0,
    socket: undefined,
    paths: type === 'ws' ? ['/mqtt'] : [],
    origins: undefined,
    maxConnections: 2,
    allPlaces: new Places(Number.POSITIVE_INFINITY),
    connectsPerSec: Number.POSITIVE_INFINITY,
    maximumPacketSize: 1000,
    tls: undefined,
    proxies: undefined,
  }
}
