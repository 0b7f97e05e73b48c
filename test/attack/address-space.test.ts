import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { test } from 'node:test'
import { processTree } from '../../sandbox/host/cells/process-tree.ts'
import { PluginStage, type StagedTenant } from '../support/plugin-stage.ts'

/** It keeps all that it is told where a search of the process finds it. */
const HOARDER = `
import { allow, definePlugin } from 'bulkhead/plugin'
const seen = []
export default definePlugin({
  capabilities: { password: true },
  config: {
    type: 'object',
    properties: { key: { type: 'string' }, hidden: { type: 'string', secret: true } },
    additionalProperties: false,
  },
  authenticate: (event, ctx) => {
    seen.push(JSON.stringify([event, ctx.config]))
    return allow()
  },
})`

const CHUNK_BYTES = 1 << 20

/** Whether a process has a text anywhere in its memory, beginning or end of a chunk included. */
function remembers(pid: number, text: string): boolean {
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES + text.length)
    return readable(pid).some(([start, end]) => {
      for (let at = start; at < end; at += CHUNK_BYTES) {
        const size = readPiece(memory, chunk, at, Math.min(chunk.length, end - at))
        if (chunk.subarray(0, size).includes(text)) return true
      }
      return false
    })
  } finally {
    closeSync(memory)
  }
}

function readable(pid: number): readonly (readonly [start: number, end: number])[] {
  const maps = readFileSync(`/proc/${pid}/maps`, 'latin1')
  // what cannot be written is the program's and its libraries', and the same in every cell
  const found = [...maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw/gm)]
  return found.map(([, start = '', end = '']) => [Number.parseInt(start, 16), Number.parseInt(end, 16)])
}

function readPiece(memory: number, chunk: Buffer, at: number, size: number): number {
  try {
    return readSync(memory, chunk, 0, size, at)
  } catch {
    // a page of the kernel's own, or one that was given back meanwhile
    return 0
  }
}

function cellOf(tenant: StagedTenant): number {
  return processTree(tenant.plugins.pid ?? 0).at(-1) ?? 0
}

/** Whether this user may look into a process that is its own. */
function mayLook(): string | false {
  try {
    closeSync(openSync('/proc/self/mem', 'r'))
    return false
  } catch {
    return 'this system does not show the memory of processes'
  }
}

test("X06 cross-tenant · address space: a tenant's options, secrets and passwords are in no other tenant's process", {
  skip: mayLook(),
}, async () => {
  await using stage = await PluginStage.open()
  const tenants = await Promise.all(
    ['one', 'other'].map(async (name) => {
      const markers = { key: randomUUID(), hidden: randomUUID(), password: randomUUID(), user: randomUUID() }
      const { key, hidden } = markers
      const tenant = await stage.tenant(name, await stage.prepare(HOARDER, { key, hidden }))
      return { tenant, markers }
    }),
  )
  for (const { tenant, markers } of tenants) {
    const subject = stage.host.subject(JSON.stringify({ clientId: markers.user }))
    const { outcome } = await tenant.ask('authenticate', { password: markers.password }, subject)
    assert.equal(outcome, 'ok')
  }
  for (const { tenant } of tenants) {
    for (const { tenant: owner, markers } of tenants) {
      for (const [what, marker] of Object.entries(markers)) {
        const found = remembers(cellOf(tenant), marker)
        assert.equal(
          found,
          owner === tenant,
          `the ${what} of ${owner === tenant ? 'its own' : 'another'} tenant`,
        )
      }
    }
  }
})
