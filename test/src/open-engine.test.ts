import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryEngine } from '../../src/engine/memory/memory-engine.ts'
import { SqliteEngine } from '../../src/engine/sqlite/sqlite-engine.ts'
import { engineOf } from '../../src/open-engine.ts'

test('a data folder is what makes state outlive the process, unless the operator wants none of it', () => {
  assert.ok(engineOf({ data: undefined, durability: 'fsync' }) instanceof MemoryEngine)
  assert.ok(engineOf({ data: '/nowhere', durability: 'memory' }) instanceof MemoryEngine)
  assert.ok(engineOf({ data: '/nowhere', durability: 'os' }) instanceof SqliteEngine)
})
