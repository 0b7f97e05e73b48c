import assert from 'node:assert/strict'
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ALONE, processesOf, runsAlone } from '../support/shared-processes.ts'
import { ROOT } from './house.ts'

const FILES = globSync('{test,plugins-examples}/**/*.test.ts', { cwd: ROOT }).toSorted()

test('a whole run has every file in one process, and those that run alone in one of their own', () => {
  const processes = processesOf(FILES)
  assert.deepEqual(processes.flat().toSorted(), FILES)
  assert.ok(processes.every((files) => files.length === 1 || !files.some(runsAlone)))
  assert.ok(processes.length < FILES.length / 5, `${processes.length} processes`)
})

test('what is said to run alone is there', () => {
  assert.deepEqual(
    ALONE.filter((place) => !existsSync(join(ROOT, place))),
    [],
  )
})
