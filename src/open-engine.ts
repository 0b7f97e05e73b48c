import { decodeStored, encodeStored } from './codec/stored-message.ts'
import { type Message, sizeOf } from './codec/message.ts'
import type { BrokerConfig } from './config/broker-config.ts'
import type { Engine, EnginePorts, StoredSession } from './engine/engine.ts'
import { MemoryEngine } from './engine/memory/memory-engine.ts'
import { SqliteEngine } from './engine/sqlite/sqlite-engine.ts'
import type { Node, Realm, RetainedSize } from './protocol/ports.ts'
import { type RestoredSession, restoreSession } from './protocol/restore-session.ts'
import { RetainedIndex } from './router/retained-index.ts'
import type { Session } from './session/session.ts'

const newIndex = (): RetainedIndex<Message> => new RetainedIndex()

/** Where a broker's state lives: in memory, or in its data folder. */
export function engineOf({
  data,
  durability,
}: Pick<BrokerConfig, 'data' | 'durability'>): Engine<Message, Session> {
  if (data === undefined || durability === 'memory') return new MemoryEngine(newIndex)
  const codec = { encode: encodeStored, decode: decodeStored }
  return new SqliteEngine({ folder: data, durability, codec, newIndex })
}

/** What the store has of a tenant that is not in the config. */
export interface LeftTenant {
  readonly tenant: string
  sessions: number
  /** Messages that they are owed. */
  messages: number
  bytes: number
}

/** A tenant, and what of the store counts in its quotas. */
export interface StoredRealm extends Realm {
  countRetained(kept: RetainedSize): void
}

export interface StartPorts extends Omit<EnginePorts<Message, Session>, 'restored' | 'retained'> {
  /** A tenant's sessions are in the store, and stay there: it may be in the next config again. */
  left(found: LeftTenant): void
}

/**
 * Starts the engine, and puts back what an earlier process has left; time goes on when all of it is there.
 *
 * @throws BulkheadError ERR_STORE
 */
export async function startEngine(
  engine: Engine<Message, Session>,
  ports: StartPorts,
  node: Node,
  realms: ReadonlyMap<string, StoredRealm>,
): Promise<void> {
  const restored: RestoredSession[] = []
  const tenantsLeft = new Map<string, LeftTenant>()
  const restore = (stored: StoredSession<Message>): Session | null => {
    const realm = realms.get(stored.tenant)
    if (realm === undefined) {
      count(tenantsLeft, stored)
      return null
    }
    const found = restoreSession(node, realm, stored)
    restored.push(found)
    return found.session
  }
  const retained = (tenant: string, topic: string, message: Message): void =>
    realms.get(tenant)?.countRetained({ topic, bytes: sizeOf(message) })
  await engine.start({ ...ports, restored: restore, retained })
  for (const session of restored) session.goOn()
  for (const found of tenantsLeft.values()) ports.left(found)
}

function count(tenantsLeft: Map<string, LeftTenant>, stored: StoredSession<Message>): void {
  const { tenant, owed, owedCount, owedBytes, will } = stored
  const found = tenantsLeft.get(tenant) ?? { tenant, sessions: 0, messages: 0, bytes: 0 }
  tenantsLeft.set(tenant, found)
  found.sessions += 1
  found.messages += owedCount
  found.bytes += owedBytes + (will === null ? 0 : sizeOf(will.message))
  for (const { message } of owed) found.bytes += sizeOf(message)
}
