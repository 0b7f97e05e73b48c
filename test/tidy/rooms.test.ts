import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { ROOT, readHouse } from './house.ts'
import { cruiseRooms, ROOMS } from './rooms.ts'

const ROOM_FILES = readHouse()
  .files.map(({ path }) => path)
  .filter((path) => !path.startsWith('test/'))

test('every room imports only what the house allows it', async () => {
  const { modules, violations } = await cruiseRooms(ROOT)
  // a cruise that sees nothing finds nothing
  assert.deepEqual(modules.toSorted(), ROOM_FILES.toSorted())
  assert.deepEqual(violations, [])
})

test('every file is in a room', () => {
  const homeless = ROOM_FILES.filter((path) => ROOMS.filter(({ room }) => path.startsWith(room)).length !== 1)
  assert.deepEqual(homeless, [])
})

const planted: readonly (readonly [path: string, text: string, rule: string])[] = [
  ['src/base/clock.ts', "import '../codec/framer.ts'", 'src/base/ may not'],
  ['src/codec/framer.ts', "export type { Ask } from '../hooks/ask.ts'", 'src/codec/ may not'],
  ['src/router/route.ts', "import type { Ask } from '../hooks/ask.ts'", 'src/router/ may not'],
  ['src/hooks/ask.ts', "import '../../sandbox/host/jail.ts'\nexport type Ask = 1", 'src/hooks/ may not'],
  ['src/protocol/publish.ts', "await import('../transport/tcp.ts')", 'src/protocol/ may not'],
  ['src/transport/tcp.ts', "import 'yaml'", 'yaml has its room'],
  ['src/observe/log.ts', "import 'fast-check'", 'a package is chosen by name'],
  ['src/engine/one.ts', "import './other.ts'", 'no cycle'],
  ['src/engine/third.ts', "import './nowhere.ts'", 'nothing missing'],
  ['src/session/session.ts', "import '../../sandbox/index.ts'", 'src/session/ may not'],
  ['sandbox/index.ts', "import '../src/session/session.ts'", 'sandbox/index.ts may not'],
  ['sandbox/host/jail.ts', "import '../cell/main.ts'", 'sandbox/host/ may not'],
  ['sandbox/cell/main.ts', "import 'isolated-vm'", 'isolated-vm has its room'],
  ['sandbox/guest/shim.ts', "import 'node:buffer'", 'no Node here'],
  ['sandbox/wire/frames.ts', "import '../guest/shim.ts'", 'sandbox/wire/ may not'],
  ['sandbox/sdk/verdicts.ts', "import '../wire/frames.ts'", 'sandbox/sdk/ may not'],
  ['plugins-examples/gate/plugin.ts', "import '../../sandbox/sdk/verdicts.ts'", 'plugins-examples/ may not'],
]

test('every planted import that the house forbids is caught, and by the rule that is meant', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-rooms-'))
  t.after(() => rm(folder, { recursive: true }))
  const packages = ['yaml', 'fast-check', 'isolated-vm'].map(
    (name) => [`node_modules/${name}/index.js`, ''] as const,
  )
  const wayBack = ['src/engine/other.ts', "import './one.ts'"] as const
  for (const [path, text] of [...packages, wayBack, ...planted]) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), `${text}\nexport {}\n`)
  }
  const { violations } = await cruiseRooms(folder)
  for (const [path, , rule] of planted) {
    assert.ok(
      violations.some((violation) => violation.startsWith(`${path} → `) && violation.endsWith(`(${rule})`)),
      `${path}: ${rule}\n${violations.join('\n')}`,
    )
  }
})
