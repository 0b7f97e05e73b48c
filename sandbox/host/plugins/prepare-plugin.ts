import { stat } from 'node:fs/promises'
import { BulkheadError, messageOf } from '../../../src/base/errors.ts'
import { buildBundle, readSources } from '../../bundle/build-bundle.ts'
import { readBundleFile, sealBundle } from '../../bundle/bundle-file.ts'
import type { Bundle } from '../../bundle/bundle-format.ts'
import type { SandboxLimits } from '../../limits.ts'
import { checkManifest } from '../../manifest/check-manifest.ts'
import type { CapabilityName } from '../../manifest/manifest.ts'
import { ownOptions } from '../../manifest/own-options.ts'
import { validateConfig } from '../../manifest/validate-config.ts'
import { lacksPort, loadPowers } from '../capabilities/powers.ts'
import type { BundleSource } from '../bundle-source.ts'
import type { PluginSource, PowerPorts, PreparedPlugin } from '../host-ports.ts'
import { grant } from './grant.ts'
import { type ProbeHost, probe } from './probe.ts'

/**
 * From a path to a plugin that can be activated: build, probe, check, complete. Each step runs strangers'
 * code or text in a process of its own or not at all.
 *
 * @param ports of the host that is to run it; absent: nobody runs it, and no port is missed.
 * @throws BulkheadError as PluginHost.prepare says.
 */
export async function preparePlugin(
  host: ProbeHost,
  source: PluginSource,
  limits: SandboxLimits,
  ports?: PowerPorts,
): Promise<PreparedPlugin> {
  const bundle = await bundleOf(host, source, limits)
  const { manifest } = bundle
  if (source.for === 'client' && manifest.for !== 'client') throw madeForBroker(source.name)
  const options = source.sharesOptions === true ? ownOptions(manifest.config, source.options) : source.options
  const validated = validateConfig(manifest.config, options, limits.configKiB)
  if ('errors' in validated) {
    throw new BulkheadError('ERR_PLUGIN_CONFIG', `plugin ${source.name}: ${validated.errors.join('; ')}`)
  }
  const capabilities = grant(source, manifest.capabilities)
  const names = Object.keys(capabilities) as CapabilityName[]
  const lacking = names.filter((name) => ports !== undefined && lacksPort(name, ports))
  if (lacking.length > 0) {
    const message = `plugin ${source.name} asks for ${lacking.join(', ')}, which this host does not serve`
    throw new BulkheadError('ERR_PLUGIN_CAPABILITY', message)
  }
  if (ports !== undefined) await loadPowers(names)
  return {
    name: source.name,
    bundle,
    config: validated.config,
    capabilities,
    secrets: source.secrets ?? {},
    waitMs: source.waitMs ?? {},
    unasked: source.unasked ?? [],
  }
}

function madeForBroker(name: string): BulkheadError {
  const remedy = "one that hears of packets alone may say `for: 'client'`, and runs in a broker as well"
  return new BulkheadError(
    'ERR_PLUGIN_MANIFEST',
    `plugin ${name} is made for a broker, and this is a client: ${remedy}`,
  )
}

/**
 * Builds a folder and probes it, or reads a bundle file; its options are not looked at.
 *
 * @throws BulkheadError as PluginHost.bundle says.
 */
export async function bundleOf(
  host: ProbeHost,
  source: BundleSource,
  limits: SandboxLimits,
): Promise<Bundle> {
  if (source.bundle !== undefined) return source.bundle
  if (!(await isFolder(source))) return readBundleFile(source.path)
  const options = {
    ...(source.exportName === undefined ? {} : { exportName: source.exportName }),
    resolvePackages: source.resolvePackages ?? false,
    bundleKiB: limits.bundleKiB,
    stopping: host.stopping,
  }
  const sources = await readSources(source.path, options)
  // the same folder in many tenants is one build and one probe
  return host.bundles.of(JSON.stringify([source.name, sources.digest, limits]), async () => {
    const { code, sourceMap, declared } = await buildBundle(sources, options)
    // even where plugin.yaml names the hooks: what the code declares beside them must not go unasked
    const coded = await probe(host, { name: source.name, code, sourceMap }, limits)
    return sealBundle(code, sourceMap, checkManifest(coded, declared))
  })
}

async function isFolder(source: BundleSource): Promise<boolean> {
  try {
    return (await stat(source.path)).isDirectory()
  } catch (cause) {
    const message = `plugin ${source.name}: there is nothing at ${source.path}: ${messageOf(cause)}`
    throw new BulkheadError('ERR_PLUGIN_NOT_FOUND', message, { cause })
  }
}
