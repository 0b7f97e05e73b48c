import { BulkheadError } from '../../../src/base/errors.ts'
import { buildBundle, refuseLeftovers, sourcesOf } from '../../bundle/build-bundle.ts'
import { parseBundle, sealBundle } from '../../bundle/bundle-file.ts'
import type { Bundle } from '../../bundle/bundle-format.ts'
import { uploadedFolder } from '../../bundle/uploaded-files.ts'
import { BUNDLE_FILE_MIB, type SandboxLimits } from '../../limits.ts'
import { checkManifest } from '../../manifest/check-manifest.ts'
import type { Upload } from '../bundle-source.ts'
import { type ProbeHost, probe } from './probe.ts'

/**
 * Makes a bundle of what a stranger has sent. A built one is held against its digest, looked through for what
 * cannot work, and evaluated, so that its manifest names what its code declares and nothing else; sources are
 * built, and then looked at in the same way.
 *
 * @throws BulkheadError as PluginHost.inspect says.
 */
export async function inspectUpload(
  host: ProbeHost,
  name: string,
  upload: Upload,
  limits: SandboxLimits,
): Promise<Bundle> {
  return 'bundle' in upload
    ? inspectBundle(host, name, upload.bundle, limits)
    : inspectSources(host, name, upload.files, limits)
}

async function inspectBundle(
  host: ProbeHost,
  name: string,
  text: string,
  limits: SandboxLimits,
): Promise<Bundle> {
  if (Buffer.byteLength(text) > BUNDLE_FILE_MIB * 2 ** 20)
    throw refused(name, `it is larger than ${BUNDLE_FILE_MIB} MiB`)
  const bundle = parseBundle(text, 'the upload', name)
  const kib = Math.ceil(Buffer.byteLength(bundle.code) / 1024)
  if (kib > limits.bundleKiB)
    throw refused(name, `its code has ${kib} KiB; the limit (bundleKiB) is ${limits.bundleKiB}`)
  refuseSourceTricks(name, bundle.sourceMap)
  await refuseLeftovers(name, bundle.code, host.stopping)
  const { code, sourceMap, manifest } = bundle
  const coded = await probe(host, { name, code, sourceMap }, limits)
  // a manifest that names fewer hooks than the code has would leave them unasked
  const probed = checkManifest(coded, { folder: name, yaml: { ...manifest } })
  if (sealBundle(code, sourceMap, probed).sha256 !== bundle.sha256)
    throw refused(name, 'its manifest is another one than its code declares; build it again')
  return bundle
}

async function inspectSources(
  host: ProbeHost,
  name: string,
  files: ReadonlyMap<string, string>,
  limits: SandboxLimits,
): Promise<Bundle> {
  const options = { bundleKiB: limits.bundleKiB, stopping: host.stopping }
  const sources = sourcesOf(uploadedFolder(name, files), options)
  const { code, sourceMap, declared } = await buildBundle(sources, options)
  await refuseLeftovers(name, code, host.stopping)
  const coded = await probe(host, { name, code, sourceMap }, limits)
  return sealBundle(code, sourceMap, checkManifest(coded, declared))
}

/** Names of sources end up in messages and logs: none of them is to look like a file of this machine. */
function refuseSourceTricks(name: string, sourceMap: string): void {
  if (sourceMap === '') return
  let sources: unknown
  try {
    sources = (JSON.parse(sourceMap) as { sources?: unknown } | null)?.sources
  } catch {
    throw refused(name, 'its source map is no JSON; build it again')
  }
  if (!Array.isArray(sources) || !sources.every(isPlainSource))
    throw refused(name, 'its source map names files outside the plugin’s folder; build it again')
}

function isPlainSource(source: unknown): boolean {
  return typeof source === 'string' && (OWN_SOURCES.test(source) || PLAIN_SOURCE.test(source))
}

/** What the builder itself puts in front of a plugin. */
const OWN_SOURCES = /^(?:entry:entry|injected:\w+)$/

/** Plain names, one below the other, none of them `..`. */
const PLAIN_SOURCE = /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\p{Cc}\p{Cf}\\:]{1,255}$/u

function refused(name: string, why: string): BulkheadError {
  return new BulkheadError('ERR_PLUGIN_UPLOAD', `plugin ${name} cannot be taken: ${why}`)
}
