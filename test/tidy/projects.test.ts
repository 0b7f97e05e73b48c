import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from './house.ts'

const SETTINGS = [
  '.config',
  'package.json',
  'src/tsconfig.json',
  'src/base/tsconfig.json',
  'sandbox/tsconfig.json',
  'sandbox/sdk/tsconfig.json',
  'sandbox/globals/tsconfig.json',
  'sandbox/wire/tsconfig.json',
  'sandbox/guest/tsconfig.json',
  'sandbox/cell/tsconfig.json',
  'plugins-examples/tsconfig.json',
  'test/attack/tsconfig.json',
]

/** A house with one file a room, which compiles. */
const SOUND: Readonly<Record<string, string>> = {
  'src/base/clock.ts':
    "import { hrtime } from 'node:process'\nexport const now: () => bigint = hrtime.bigint\n",
  'src/session/session.ts':
    "export { now } from '../base/clock.ts'\nexport { host } from '../../sandbox/index.ts'\n",
  'sandbox/index.ts':
    "export { now as host } from '../src/base/clock.ts'\nexport { one } from './sdk/index.ts'\n",
  'sandbox/sdk/index.ts': 'export const one = 1\n',
  'sandbox/globals/utf8.ts': 'export const zero = 0\n',
  'sandbox/wire/frames.ts': 'export const bytes: Uint8Array = new Uint8Array(1)\n',
  'sandbox/guest/shim.ts': "export { bytes } from '../wire/frames.ts'\n",
  'sandbox/cell/main.ts': "export { bytes } from '../wire/frames.ts'\nprocess.title = 'cell'\n",
  'plugins-examples/gate/plugin.ts': "import { one } from 'bulkhead/plugin'\nexport default { one }\n",
  'test/attack/attack.ts': 'export const one = 1\n',
}

/** What must not compile, and the complaint that shows that the wall is what stopped it. */
const PLANTED: readonly (readonly [path: string, line: string, complaint: RegExp])[] = [
  ['sandbox/index.ts', "export { now } from '../src/session/session.ts'", /TS6307/],
  ['sandbox/wire/frames.ts', "export { host } from '../index.ts'", /TS6307/],
  ['sandbox/sdk/index.ts', "export { bytes } from '../wire/frames.ts'", /TS6307/],
  ['sandbox/globals/utf8.ts', "export { one } from '../sdk/index.ts'", /TS6307/],
  ['sandbox/globals/utf8.ts', 'process.exit()', /TS2591: Cannot find name 'process'/],
  ['sandbox/cell/main.ts', "export { now } from '../../src/base/clock.ts'", /TS6307/],
  ['src/base/clock.ts', "export { host } from '../session/session.ts'", /TS6307/],
  ['plugins-examples/gate/plugin.ts', "export { host } from '../../sandbox/index.ts'", /TS6307/],
  ['sandbox/guest/shim.ts', 'process.exit()', /TS2591: Cannot find name 'process'/],
  ['sandbox/guest/shim.ts', 'Buffer.from("")', /TS2591: Cannot find name 'Buffer'/],
  ['sandbox/guest/shim.ts', 'setTimeout(() => undefined, 1)', /TS2304: Cannot find name 'setTimeout'/],
  ['sandbox/guest/shim.ts', 'document.title', /TS2584: Cannot find name 'document'/],
  ['sandbox/wire/frames.ts', "import 'node:fs'", /TS2882/],
  ['plugins-examples/gate/plugin.ts', 'process.exit()', /TS2591: Cannot find name 'process'/],
  ['test/attack/attack.ts', "export { host } from '../../sandbox/index.ts'", /TS6307/],
]

test('a house in order compiles, project by project', async (t) => {
  const { status, output } = await compile(await build(t, SOUND))
  assert.equal(status, 0, output)
})

test('a breach does not compile', async (t) => {
  // each in a file of its own, so that one run of the compiler tells of all of them
  const breaches = PLANTED.map(([path, line, complaint], index) => {
    const room = dirname(path)
    return { file: `${room}/breach-${index}.ts`, title: `${room} with ${line}`, line, complaint }
  })
  const texts = Object.fromEntries(breaches.map(({ file, line }) => [file, `${line}\nexport {}\n`]))
  const { status, output } = await compile(await build(t, { ...SOUND, ...texts }))
  assert.notEqual(status, 0)
  for (const { file, title, complaint } of breaches) {
    await t.test(title, () => {
      const lines = output.split('\n')
      assert.ok(
        lines.some((text) => text.startsWith(file) && complaint.test(text)),
        output,
      )
    })
  }
})

async function build(t: test.TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-projects-'))
  t.after(() => rm(folder, { recursive: true }))
  for (const path of SETTINGS) await cp(join(ROOT, path), join(folder, path), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  return folder
}

function compile(folder: string): Promise<{ status: number; output: string }> {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  const projects = ['src', 'sandbox/globals', 'sandbox/guest', 'sandbox/cell', 'plugins-examples']
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [tsc, '-b', '--pretty', 'false', ...projects],
      { cwd: folder },
      (error, stdout, stderr) => {
        resolve({ status: error === null ? 0 : Number(error.code), output: stdout + stderr })
      },
    )
  })
}
