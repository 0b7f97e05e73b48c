import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { sealBundle, writeBundleFile } from '../../../sandbox/bundle/bundle-file.ts'
import { buildPlugin } from '../prepare-plugins.ts'
import type { Attack } from './corpus.ts'

/** The tenant that does nothing wrong. */
export const BYSTANDER = 'bystander'

const BYSTANDER_PLUGIN = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: (event) => (event.topic === 'open' ? allow() : deny('notAuthorized', 'closed')),
})`

/** What a broker under attack is started with. */
export interface Stage {
  readonly config: Readonly<Record<string, unknown>>
  /** Removes the plugins from the disk. */
  strike(): Promise<void>
}

/**
 * Writes the attackers' plugins to disk and the config of a broker with a tenant for each, and one for the
 * bystander.
 *
 * @param sandbox the config's `sandbox`.
 */
export async function setStage(
  attacks: readonly Attack[],
  sandbox: Readonly<Record<string, unknown>>,
): Promise<Stage> {
  const root = await mkdtemp(path.join(tmpdir(), 'bulkhead-attack-'))
  const bystander = await writePlugin(root, BYSTANDER, BYSTANDER_PLUGIN)
  const tenants: Record<string, unknown> = {
    [BYSTANDER]: tenantOf(BYSTANDER, { use: bystander }, {}),
  }
  for (const attack of attacks) {
    const use = await pluginOf(root, attack)
    tenants[attack.id] = tenantOf(attack.id, { use, config: attack.options ?? {} }, attack.allow ?? {})
  }
  return {
    config: { listeners: { mqtt: { type: 'tcp', bind: '127.0.0.1:0' } }, tenants, sandbox },
    strike: () => rm(root, { recursive: true, force: true }),
  }
}

/** The user name by which a client belongs to a tenant. */
export function usernameOf(tenant: string): string {
  return `${tenant}:somebody`
}

function tenantOf(name: string, plugin: object, allow: object): Readonly<Record<string, unknown>> {
  return { match: { usernamePrefix: `${name}:` }, anonymous: true, allow, plugins: { hostile: plugin } }
}

async function pluginOf(root: string, { id, plugin, tamper }: Attack): Promise<string> {
  const folder = await writePlugin(root, id, plugin)
  if (tamper === undefined) return folder
  const { code, sourceMap, manifest } = await buildPlugin(folder)
  const file = path.join(root, `${id}.bundle.json`)
  await writeBundleFile(file, sealBundle(code.replaceAll(tamper.from, tamper.to), sourceMap, manifest))
  return file
}

async function writePlugin(root: string, name: string, source: string): Promise<string> {
  const folder = path.join(root, name)
  await mkdir(folder)
  await writeFile(path.join(folder, 'plugin.ts'), source)
  return folder
}
