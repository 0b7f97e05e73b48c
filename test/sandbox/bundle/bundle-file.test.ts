import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { readBundleFile, sealBundle, writeBundleFile } from '../../../sandbox/bundle/bundle-file.ts'
import type { Manifest } from '../../../sandbox/manifest/manifest.ts'
import { pluginFolder } from '../../support/plugin-folder.ts'

const MANIFEST: Manifest = {
  name: 'gate',
  version: '1.0.0',
  api: 1,
  for: 'broker',
  hooks: ['authorizePublish'],
  config: { type: 'object', properties: { on: { type: 'boolean' } } },
  capabilities: { log: true },
}

test('the digest is of code and manifest in any order of keys, and not of the source map', () => {
  const { sha256 } = sealBundle('code', 'map', MANIFEST)
  assert.match(sha256, /^[0-9a-f]{64}$/)
  const reversed = Object.fromEntries(Object.entries(MANIFEST).toReversed()) as unknown as Manifest
  assert.equal(sealBundle('code', 'other map', reversed).sha256, sha256)
  assert.notEqual(sealBundle('code ', 'map', MANIFEST).sha256, sha256)
  assert.notEqual(sealBundle('code', 'map', { ...MANIFEST, hooks: [] }).sha256, sha256)
})

test('a bundle that is written is read as it was, and no draft is left', async (t) => {
  const folder = await pluginFolder(t, {})
  const bundle = sealBundle('code "\u2028"', 'map', MANIFEST)
  await writeBundleFile(join(folder, 'gate.bundle.json'), bundle)
  assert.deepEqual(await readBundleFile(join(folder, 'gate.bundle.json')), bundle)
  assert.deepEqual(await readdir(folder), ['gate.bundle.json'])
})

test('a file that is not there, is no bundle, or was changed by one letter is refused by name', async (t) => {
  const folder = await pluginFolder(t, { 'x.bundle.json': '{}', 'y.bundle.json': 'no json' })
  const path = join(folder, 'gate.bundle.json')
  await assert.rejects(readBundleFile(path), { code: 'ERR_PLUGIN_NOT_FOUND' })
  for (const name of ['x', 'y']) {
    const rejection = { code: 'ERR_PLUGIN_BUILD', message: /is no bundle of format 1/ }
    await assert.rejects(readBundleFile(join(folder, `${name}.bundle.json`)), rejection)
  }
  await writeBundleFile(path, sealBundle('allow', '', MANIFEST))
  const text = await readFile(path, 'utf8')
  for (const [from, to] of [
    ['"allow"', '"abort"'],
    ['"authorizePublish"', '"authorizeReceive"'],
  ] as const) {
    await writeFile(path, text.replace(from, to))
    await assert.rejects(readBundleFile(path), {
      code: 'ERR_PLUGIN_BUILD',
      message: /does not match its digest/,
    })
  }
})

test('a manifest that no build would make is refused even with the right digest', async (t) => {
  const path = join(await pluginFolder(t, {}), 'gate.bundle.json')
  await writeBundleFile(path, sealBundle('code', '', { ...MANIFEST, hooks: ['nonsense' as 'onClose'] }))
  await assert.rejects(readBundleFile(path), {
    code: 'ERR_PLUGIN_MANIFEST',
    message: /"nonsense" is unknown/,
  })
})
