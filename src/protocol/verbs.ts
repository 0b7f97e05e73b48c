import { PacketType } from '../codec/packet-type.ts'
import { acknowledge } from './acknowledge.ts'
import { auth } from './auth.ts'
import { connect } from './connect.ts'
import { disconnect } from './disconnect.ts'
import { leave } from './leave.ts'
import type { Conduct, Verb } from './peer.ts'
import { ping } from './ping.ts'
import { publish } from './publish.ts'
import { subscribe } from './subscribe.ts'
import { unsubscribe } from './unsubscribe.ts'

const VERBS: readonly (Verb | undefined)[] = table({
  [PacketType.CONNECT]: connect,
  [PacketType.PUBLISH]: publish,
  [PacketType.PUBACK]: acknowledge,
  [PacketType.PUBREC]: acknowledge,
  [PacketType.PUBREL]: acknowledge,
  [PacketType.PUBCOMP]: acknowledge,
  [PacketType.SUBSCRIBE]: subscribe,
  [PacketType.UNSUBSCRIBE]: unsubscribe,
  [PacketType.PINGREQ]: ping,
  [PacketType.DISCONNECT]: disconnect,
  [PacketType.AUTH]: auth,
})

function table(verbs: Readonly<Record<number, Verb>>): readonly (Verb | undefined)[] {
  return Array.from({ length: 16 }, (_, type) => verbs[type])
}

/** How a peer conducts itself: one file a verb, and the end. */
export const CONDUCT: Conduct = { verbs: VERBS, leave }
