import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { runInNewContext } from 'node:vm'
import { ownProgram } from '../../../sandbox/bundle/own-program.ts'
import { pluginFolder } from '../../support/plugin-folder.ts'

const FILES = {
  'main.ts': "import { twice } from './twice.ts'\nexport const four: number = twice(2)\n",
  'twice.ts': 'export const twice = (n: number): number => 2 * n\n',
}

test('our own files become one script, types stripped', async (t) => {
  const folder = await pluginFolder(t, FILES)
  const entry = pathToFileURL(`${folder}/main.ts`)
  const code = await ownProgram(entry, ['--format=iife', '--global-name=made'])
  assert.equal(runInNewContext(`${code}; made.four`), 4)
})

test('what does not bundle is said in the bundler’s words', async (t) => {
  const folder = await pluginFolder(t, { 'main.ts': "import './missing.ts'\n" })
  await assert.rejects(
    ownProgram(pathToFileURL(`${folder}/main.ts`), []),
    /Could not resolve "\.\/missing\.ts"/,
  )
})

test('no process of the bundler’s stays behind', { skip: process.platform !== 'linux' }, async (t) => {
  const folder = await pluginFolder(t, FILES)
  await ownProgram(pathToFileURL(`${folder}/main.ts`), ['--format=esm'])
  assert.deepEqual(childrenNamed('esbuild'), [])
})

/** Children of this process that still run a program of that name. */
function childrenNamed(name: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return stat.includes(`(${name})`) && Number(parent) === process.pid && state !== 'Z'
    } catch {
      return false // it ended meanwhile
    }
  })
}
