import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { processTree, readProc, statFields } from '../../../../sandbox/host/cells/process-tree.ts'

const skip = existsSync('/proc/self/stat') ? false : 'this system has no /proc'

test('a tree is the process and all that descend from it', { skip }, async (t) => {
  const child = spawn('sh', ['-c', 'sh -c "cat; true"; true'], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => child.stdin.end())
  // what comes back shows that the last of them runs, and is no longer a copy of the one above it
  child.stdin.write('\n')
  await once(child.stdout, 'data')
  const tree = processTree(child.pid ?? 0)
  const names = tree.map((pid) => readProc(pid, 'comm')?.trim())
  assert.deepEqual(names, ['sh', 'sh', 'cat'])
})

test('a name with spaces and parentheses does not shift the fields', { skip }, () => {
  const before = process.title
  process.title = 'a) b ('
  const state = statFields(process.pid)?.[0]
  process.title = before
  assert.equal(state, 'R')
})

test('a process that is not there is a tree of one, and has no fields', () => {
  assert.deepEqual(processTree(2 ** 30), [2 ** 30])
  assert.equal(statFields(2 ** 30), undefined)
})
