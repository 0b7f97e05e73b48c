import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Bundle, DEFAULT_LIMITS } from '../../../sandbox/index.ts'
import { bundleText, sealBundle } from '../../../sandbox/bundle/bundle-file.ts'
import { checkManifest } from '../../../sandbox/manifest/check-manifest.ts'
import { VERSIONS_PER_PLUGIN } from '../../../src/base/limits.ts'
import { type Inspector, requireName, type UploadTerms, Versions } from '../../../src/hosting/versions.ts'
import { newMemoryEngine } from '../../support/memory-engine.ts'

const TERMS: UploadTerms = { limits: DEFAULT_LIMITS, trustedKeys: [], requireSigned: false }

function bundleOf(n: number): Bundle {
  const yaml = { name: 'gate', version: `1.0.${n}`, hooks: ['authorizePublish'], capabilities: {} }
  return sealBundle(`// ${n}`, '', checkManifest(undefined, { folder: 'gate', yaml }))
}

/** Takes every bundle for what it says that it is. */
const believing: Inspector = {
  inspect: (_name, upload) => {
    assert.ok('bundle' in upload)
    const { bulkhead: _, ...bundle } = JSON.parse(upload.bundle) as Bundle & { bulkhead: number }
    return Promise.resolve(bundle)
  },
}

const newVersions = (): Versions => new Versions(newMemoryEngine(), believing)
const upload = (versions: Versions, n: number, plugin = 'gate', tenant = 'acme') =>
  versions.upload(tenant, plugin, { bundle: bundleText(bundleOf(n)) }, TERMS)

describe('versions', () => {
  it('are kept under what they are: the same once more is the one that is there', async () => {
    const versions = newVersions()
    const first = await upload(versions, 1)
    assert.equal(first.digest, bundleOf(1).sha256)
    assert.deepEqual(await upload(versions, 1), first)
    assert.equal((await versions.list('acme', 'gate')).length, 1)
    assert.deepEqual((await versions.bundle('acme', 'gate', first.digest)).code, '// 1')
  })

  it('are each tenant’s and each plugin’s own', async () => {
    const versions = newVersions()
    const { digest } = await upload(versions, 1)
    await upload(versions, 2, 'gate2')
    await assert.rejects(versions.bundle('zoo', 'gate', digest), { code: 'ERR_PLUGIN_VERSION' })
    await assert.rejects(versions.bundle('acme', 'gate2', digest), { code: 'ERR_PLUGIN_VERSION' })
    assert.equal((await versions.list('acme', 'gate')).length, 1)
  })

  it('of one plugin are so many and no more', async () => {
    const versions = newVersions()
    for (let n = 0; n < VERSIONS_PER_PLUGIN; n += 1) await upload(versions, n)
    await assert.rejects(upload(versions, VERSIONS_PER_PLUGIN), {
      code: 'ERR_PLUGIN_VERSION',
      message: /delete some/,
    })
    await versions.delete('acme', 'gate', bundleOf(0).sha256)
    await upload(versions, VERSIONS_PER_PLUGIN)
  })

  it('that are deleted are gone with their bytes', async () => {
    const engine = newMemoryEngine()
    const versions = new Versions(engine, believing)
    const { digest } = await upload(versions, 1)
    await versions.delete('acme', 'gate', digest)
    await assert.rejects(versions.get('acme', 'gate', digest), { code: 'ERR_PLUGIN_VERSION' })
    await assert.rejects(versions.delete('acme', 'gate', digest), { code: 'ERR_PLUGIN_VERSION' })
  })

  it('uploaded by two at the same time are one', async () => {
    const versions = newVersions()
    const [one, other] = await Promise.all([upload(versions, 1), upload(versions, 1)])
    assert.deepEqual(one, other)
    assert.equal((await versions.list('acme', 'gate')).length, 1)
  })

  it('without a signature are refused where one is required, before they are looked at', async () => {
    const looking: Inspector = { inspect: () => assert.fail('looked at') }
    const versions = new Versions(newMemoryEngine(), looking)
    const terms = { ...TERMS, requireSigned: true }
    await assert.rejects(versions.upload('acme', 'gate', { bundle: '{}' }, terms), {
      code: 'ERR_PLUGIN_SIGNATURE',
    })
  })
})

it('a plugin’s name is one that paths, keys and lines can have', () => {
  for (const name of ['gate', 'A', 'a-b_c9']) requireName(name)
  for (const name of [
    '',
    '9a',
    'a/b',
    '..',
    'a b',
    'gаte',
    `x${'y'.repeat(64)}`,
    'a\n',
    '__proto__',
    'a\u0000',
  ])
    assert.throws(() => requireName(name), { code: 'ERR_PLUGIN_UPLOAD' })
})
