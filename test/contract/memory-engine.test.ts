import { newMemoryEngine } from '../support/memory-engine.ts'
import { auditContract } from './audit-contract.ts'
import { blobsContract } from './blobs-contract.ts'
import { documentsContract } from './documents-contract.ts'
import { engineContract } from './engine-contract.ts'
import { kvContract, kvUsedContract } from './kv-contract.ts'

engineContract('memory engine', newMemoryEngine)
kvContract('memory engine', () => newMemoryEngine().kv)
kvUsedContract('memory engine', () => newMemoryEngine().kv)
auditContract('memory engine', () => newMemoryEngine().audit)
documentsContract('memory engine', () => newMemoryEngine().documents)
blobsContract('memory engine', () => newMemoryEngine().blobs)
