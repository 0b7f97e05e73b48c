import { newSqliteEngine, startedSqliteEngine } from '../support/sqlite-engine.ts'
import { auditContract } from './audit-contract.ts'
import { blobsContract } from './blobs-contract.ts'
import { documentsContract } from './documents-contract.ts'
import { engineContract } from './engine-contract.ts'
import { kvContract, kvUsedContract } from './kv-contract.ts'

engineContract('sqlite engine', () => newSqliteEngine())
kvContract('sqlite engine', async () => (await startedSqliteEngine()).kv)
kvUsedContract('sqlite engine', async () => (await startedSqliteEngine()).kv)
auditContract('sqlite engine', async () => (await startedSqliteEngine()).audit)
documentsContract('sqlite engine', async () => (await startedSqliteEngine()).documents)
blobsContract('sqlite engine', async () => (await startedSqliteEngine()).blobs)
