import { decodeStored, encodeStored } from './codec/stored-message.ts'
import type { Message } from './codec/message.ts'
import type { BrokerConfig } from './config/broker-config.ts'
import type { Engine, EnginePorts, StoredSession } from './engine/engine.ts'
import { MemoryEngine } from './engine/memory/memory-engine.ts'
import { SqliteEngine } from './engine/sqlite/sqlite-engine.ts'
import type { Node, Realm } from './protocol/ports.ts'
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

/**
 * Starts the engine, and puts back what an earlier process has left; time goes on when all of it is there.
 *
 * @throws BulkheadError ERR_STORE
 */
export async function startEngine(
  engine: Engine<Message, Session>,
  ports: Omit<EnginePorts<Message, Session>, 'restored'>,
  node: Node,
  realms: ReadonlyMap<string, Realm>,
): Promise<void> {
  const restored: RestoredSession[] = []
  const restore = (stored: StoredSession<Message>): Session | null => {
    const realm = realms.get(stored.tenant)
    // a tenant that is not in the config may be in the next one
    if (realm === undefined) return null
    const found = restoreSession(node, realm, stored)
    restored.push(found)
    return found.session
  }
  await engine.start({ ...ports, restored: restore })
  for (const session of restored) session.goOn()
}
