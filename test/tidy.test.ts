import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type House, readHouse } from './tidy/house.ts'
import { RULES } from './tidy/rules.ts'

const house = readHouse()
const empty: House = { files: [], top: [], readme: '', security: '', configReference: '', lock: '' }

/** For each rule, in its order, a house that breaks it once: a rule that catches nothing guards nothing. */
const planted: readonly House[] = [
  withFile('src/codec/long.ts', 'const line = 1\n'.repeat(401)),
  withFile('src/codec/long.ts', `export function long(): void {\n${'  void 0\n'.repeat(69)}}\n`),
  withFile('src/codec/wide.ts', `// ${'é'.repeat(108)}\n`),
  withFile('src/codec/packet-helper.ts', ''),
  withFile('src/codec/lonely.ts', 'export const code = 1\n'),
  withFile('src/codec/index.ts', ''),
  withFile('src/codec/all.ts', "export * from './framer.ts'\n"),
  withFile('src/codec/loud.ts', '  console.log(1)\n'),
  withFile('src/codec/later.ts', ['// TO', 'DO: finish'].join('')),
  withFile('test/src/codec/framer.test.ts', ['test.', "only('', () => undefined)"].join('')),
  withFile('sandbox/host/jail.ts', "import ivm from 'isolated-vm'\n"),
  withFile('sandbox/host/jail.ts', "const { build } = await import('esbuild')\n"),
  { ...empty, readme: '| ERR_LISTEN | Something else. |\n' },
  { ...empty, security: '| `heapMiB` | 33 |\n' },
  { ...empty, configReference: '| `maxQos` | number |\n' },
  { ...empty, lock: '{ "resolved": "somewhere" }' },
  { ...empty, top: ['notes.txt'] },
]

function withFile(path: string, text: string): House {
  return { ...empty, files: [{ path, text }] }
}

for (const [index, rule] of RULES.entries()) {
  test(`the house rule holds: ${rule.title}`, () => {
    assert.deepEqual(rule.check(house), [])
  })

  test(`a planted violation is caught: ${rule.title}`, () => {
    assert.equal(rule.check(planted[index] as House).length, 1)
  })
}

test('what the rules allow, they do not catch', () => {
  const fine: House = {
    ...empty,
    files: [
      {
        path: 'src/codec/ports.ts',
        text: "import type { Buffer } from 'node:buffer'\nexport type Bytes = Buffer\n",
      },
      { path: 'src/cli/main.ts', text: "#!/usr/bin/env node\nconsole.log('listening')\n" },
      { path: 'test/src/cli/main.test.ts', text: '' },
      {
        path: 'sandbox/cell/isolate.ts',
        text: "import ivm from 'isolated-vm'\nexport const { Isolate } = ivm\n",
      },
      { path: 'test/sandbox/cell/isolate.test.ts', text: '' },
    ],
  }
  const ofFiles = RULES.filter(({ title }) => !/README|SECURITY/.test(title))
  for (const { title, check } of ofFiles) assert.deepEqual(check(fine), [], title)
})
