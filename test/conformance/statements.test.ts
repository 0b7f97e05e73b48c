import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { MQTT_3_1_1, MQTT_5, statementsOf } from './statements.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const COMMENT = /^\s*(\/\/|\*|\/\*)/u

function textOf(pattern: string, but: readonly string[] = []): string[] {
  return globSync(pattern, { cwd: ROOT, exclude: but }).map((file) => readFileSync(join(ROOT, file), 'utf8'))
}

/** What stands in code, titles among it. */
function codeOf(texts: readonly string[]): string {
  return texts.flatMap((text) => text.split('\n').filter((line) => !COMMENT.test(line))).join('\n')
}

const source = textOf('src/**/*.ts').join('\n')

test('both standards are known whole', () => {
  assert.equal(statementsOf(MQTT_5).length, 251)
  assert.equal(statementsOf(MQTT_3_1_1).length, 137)
})

for (const standard of [MQTT_5, MQTT_3_1_1]) {
  const ids = statementsOf(standard)
  const tests = codeOf(textOf(standard.tests, standard.otherTests))

  test(`every statement of ${standard.name} is in the title of a test, or it is said why not`, () => {
    const { untested } = standard
    const missing = ids.filter((id) => !tests.includes(`[MQTT-${id}]`) && untested[id] === undefined)
    assert.deepEqual(missing, [])
  })

  test(`every statement of ${standard.name} is named where it is obeyed, or it is said why not`, () => {
    const { tag, untagged } = standard
    const missing = ids.filter((id) => !source.includes(tag(id)) && untagged[id] === undefined)
    assert.deepEqual(missing, [])
  })

  test(`what is excused is a statement of ${standard.name} and has neither test nor tag`, () => {
    const { untested, untagged, tag } = standard
    const idle = [
      ...Object.keys(untested).filter((id) => !ids.includes(id) || tests.includes(`[MQTT-${id}]`)),
      ...Object.keys(untagged).filter((id) => !ids.includes(id) || source.includes(tag(id))),
    ]
    assert.deepEqual(idle, [])
  })
}
