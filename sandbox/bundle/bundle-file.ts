import { createHash } from 'node:crypto'
import { open, rename, rm, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { BulkheadError, messageOf } from '../../src/base/errors.ts'
import { BUNDLE_FILE_DEPTH, BUNDLE_FILE_MIB } from '../limits.ts'
import { canonicalJson } from '../manifest/canonical-json.ts'
import { checkManifest } from '../manifest/check-manifest.ts'
import type { Manifest } from '../manifest/manifest.ts'
import type { Bundle } from './bundle-format.ts'
import { jsonNestsTooDeep } from './json-depth.ts'
import { parseObject } from './parse-object.ts'

/** Freezes code and manifest into a bundle under their digest. */
export function sealBundle(code: string, sourceMap: string, manifest: Manifest): Bundle {
  return Object.freeze({ sha256: digestOf(code, manifest), manifest, code, sourceMap })
}

/** What a `.bundle.json` holds. */
export function bundleText(bundle: Bundle): string {
  return `${JSON.stringify({ bulkhead: FORMAT, ...bundle }, null, 2)}\n`
}

/** Writes a `.bundle.json`; a reader sees the whole of it or the one before. */
export async function writeBundleFile(path: string, bundle: Bundle): Promise<void> {
  const draft = `${path}.${process.pid}.draft`
  try {
    await writeFile(draft, bundleText(bundle), { flag: 'wx' })
    await rename(draft, path)
  } catch (cause) {
    await rm(draft, { force: true })
    throw new BulkheadError('ERR_PLUGIN_BUILD', `${path} cannot be written: ${messageOf(cause)}`, { cause })
  }
}

/**
 * Reads a `.bundle.json`, and believes nothing of it: the manifest is checked anew, and the digest must be
 * right.
 *
 * @throws BulkheadError ERR_PLUGIN_NOT_FOUND, ERR_PLUGIN_BUILD, ERR_PLUGIN_MANIFEST
 */
export async function readBundleFile(path: string): Promise<Bundle> {
  return parseBundle(await readBounded(path), path, basename(path, '.bundle.json'))
}

/**
 * Reads what {@link bundleText} wrote, and believes nothing of it.
 *
 * @param path what messages call it.
 * @param folder the plugin's name in messages about its manifest.
 * @throws BulkheadError ERR_PLUGIN_BUILD, ERR_PLUGIN_MANIFEST
 */
export function parseBundle(text: string, path: string, folder: string): Bundle {
  if (jsonNestsTooDeep(text)) throw damaged(path, `nests deeper than ${BUNDLE_FILE_DEPTH} levels`)
  const file = parseObject(text)
  if (file === undefined || file['bulkhead'] !== FORMAT)
    throw damaged(path, `is no bundle of format ${FORMAT}`)
  const { sha256, code, sourceMap, manifest } = file
  if (typeof sha256 !== 'string' || typeof code !== 'string' || typeof sourceMap !== 'string') {
    throw damaged(path, 'lacks its code, its source map or its digest')
  }
  if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest)) {
    throw damaged(path, 'lacks its manifest')
  }
  const checked = checkManifest(undefined, { folder, yaml: { ...manifest } })
  if (digestOf(code, checked) !== sha256) throw damaged(path, 'does not match its digest; build it again')
  return sealBundle(code, sourceMap, checked)
}

/** The file's own format, for readers of later versions. */
const FORMAT = 1

function digestOf(code: string, manifest: Manifest): string {
  // the separator keeps code and manifest from trading bytes
  return createHash('sha256').update(canonicalJson(manifest)).update('\0').update(code).digest('hex')
}

async function readBounded(path: string): Promise<string> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new BulkheadError('ERR_PLUGIN_NOT_FOUND', `no bundle at ${path}: ${messageOf(cause)}`, { cause })
  })
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw damaged(path, 'is no regular file')
    if (stats.size > BUNDLE_FILE_MIB * 2 ** 20) throw damaged(path, `is larger than ${BUNDLE_FILE_MIB} MiB`)
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

function damaged(path: string, why: string): BulkheadError {
  return new BulkheadError('ERR_PLUGIN_BUILD', `${path} ${why}`)
}
