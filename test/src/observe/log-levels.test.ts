import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogLevel } from '../../../src/observe/log.ts'
import { ALL_LEVELS, type LogLevels, logOf } from '../../../src/observe/log-levels.ts'

const LEVELS = ['info', 'warn', 'error', 'audit'] as const

/** What a component of this name gets written. */
function written(levels: LogLevels, component: Parameters<typeof logOf>[1]): readonly LogLevel[] {
  const lines: LogLevel[] = []
  const log = { write: (level: LogLevel) => void lines.push(level), written: () => Promise.resolve() }
  const part = logOf(log, component, levels)
  for (const level of LEVELS) part.write(level, '', () => assert.fail('nobody asks for the words'))
  return lines
}

test('without a word all lines are written', () => {
  assert.deepEqual(written(ALL_LEVELS, 'client'), LEVELS)
})

test('a component has its own threshold, or that of all; the audit is written whatever they are', () => {
  const levels = { level: 'warn', levels: { plugin: 'off', cell: 'info' } } as const
  assert.deepEqual(written(levels, 'client'), ['warn', 'error', 'audit'])
  assert.deepEqual(written(levels, 'cell'), LEVELS)
  assert.deepEqual(written(levels, 'plugin'), ['audit'])
})
