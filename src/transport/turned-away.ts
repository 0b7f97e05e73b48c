/**
 * Why a connection did not come so far that MQTT could be spoken: too many are there, too many came in this
 * second, too many have nothing shown yet, no proxy that may speak for others or no header of one, a TLS
 * handshake or a client certificate that failed, an upgrade that is none.
 */
export type TurnedAwayWhy = 'full' | 'rate' | 'crowd' | 'proxy' | 'handshake' | 'certificate' | 'upgrade'

/** Told of newcomers that are turned away. */
export type TurnedAway = (why: TurnedAwayWhy, remoteAddress: string, detail: string) => void
