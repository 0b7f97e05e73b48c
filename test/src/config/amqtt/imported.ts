import assert from 'node:assert/strict'
import { parse } from 'yaml'
import { importAmqtt } from '../../../../src/config/amqtt/import-amqtt.ts'
import { ConfigProblems } from '../../../../src/config/config-problems.ts'
import { parseYaml } from '../../../../src/config/parse-yaml.ts'

/** What an aMQTT config in YAML comes to: our config as data, and what is said of it. */
export function imported(yaml: string): {
  readonly config: Readonly<Record<string, unknown>>
  readonly notes: readonly string[]
  readonly yaml: string
} {
  const problems = new ConfigProblems()
  const tree = parseYaml(yaml, 'a.yaml', problems, '1.1')
  assert.ok(!problems.any)
  const result = importAmqtt(tree)
  return { config: parse(result.yaml) as Record<string, unknown>, ...result }
}
