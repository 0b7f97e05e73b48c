import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Notes } from '../../../../src/config/amqtt/notes.ts'
import { ConfigProblems } from '../../../../src/config/config-problems.ts'
import { parseYaml } from '../../../../src/config/parse-yaml.ts'

it('notes are in the order of the file, whatever the order in which they are made', () => {
  const notes = new Notes(parseYaml('a: 1\nb: { c: 2 }', 'x.yaml', new ConfigProblems()))
  notes.add('of all')
  notes.at('/b/c', 'second')
  notes.at('/a', 'first')
  assert.deepEqual(notes.lines, ['x.yaml:1:1 a: first', 'x.yaml:2:6 b.c: second', 'of all'])
})
