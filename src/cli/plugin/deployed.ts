import { BulkheadError } from '../../base/errors.ts'
import { printable } from '../../observe/printable.ts'
import { type AdminOptions, askAdmin, tenantPath } from '../admin/ask-admin.ts'
import { confirm } from '../admin/ask-user.ts'
import { readSettings } from '../admin/read-settings.ts'
import { show, table } from '../admin/show.ts'
import { type DeployOptions, deployVersion, servesLine, type ShownPlugin } from './deploy.ts'

/** All plugins of the tenant. */
export async function list(options: AdminOptions): Promise<void> {
  const answer = await askAdmin(options, { path: await tenantPath(options, 'plugins') })
  show(options, answer as { readonly plugins: readonly ShownPlugin[] }, ({ plugins }) =>
    table(
      ['plugin', 'version', 'state', 'digest', 'candidate'],
      plugins.map(({ plugin, version = '', state = '', serving, candidate }) => [
        plugin,
        printable(version),
        state,
        serving?.digest.slice(0, 12) ?? '',
        candidate === null ? '' : `${candidate.digest.slice(0, 12)} ${candidate.state}`,
      ]),
    ),
  )
}

/** What was uploaded of one. */
export async function versions(name: string, options: AdminOptions): Promise<void> {
  const at = await tenantPath(options, 'plugins', name)
  const answer = await askAdmin(options, { path: `${at}/versions` })
  const { serving } = (await askAdmin(options, { path: at })) as ShownPlugin
  show(options, answer as { readonly versions: readonly Version[] }, (shown) =>
    table(
      ['digest', 'version', 'uploaded', 'bytes', ''],
      shown.versions.map(({ digest, version, uploadedAt, bytes }) => [
        digest.slice(0, 12),
        printable(version),
        uploadedAt,
        String(bytes),
        digest === serving?.digest ? 'serves' : '',
      ]),
    ),
  )
}

interface Version {
  readonly digest: string
  readonly version: string
  readonly uploadedAt: string
  readonly bytes: number
}

/** What served before, serves again. */
export async function rollback(name: string, options: AdminOptions): Promise<void> {
  const path = `${await tenantPath(options, 'plugins', name)}/rollback`
  show(options, (await askAdmin(options, { method: 'POST', path })) as ShownPlugin, (shown) => [
    servesLine(shown),
  ])
}

/** What is tried, serves. */
export async function promote(name: string, options: AdminOptions): Promise<void> {
  const path = `${await tenantPath(options, 'plugins', name)}/promote`
  show(options, (await askAdmin(options, { method: 'POST', path })) as ShownPlugin, (shown) => [
    servesLine(shown),
  ])
}

/** Shows the options of what serves; with a file, lets the same version serve with those. */
export async function config(name: string, file: string | undefined, options: DeployOptions): Promise<void> {
  const at = await tenantPath(options, 'plugins', name)
  const { serving } = (await askAdmin(options, { path: at })) as ShownPlugin
  if (serving === null) throw new BulkheadError('ERR_DEPLOYMENT', `nothing of ${name} serves; deploy it`)
  if (file === undefined) {
    process.stdout.write(`${JSON.stringify(serving.config, null, 2)}\n`)
    return
  }
  const wanted = { digest: serving.digest, config: await readSettings(file) }
  show(options, (await deployVersion(options, at, wanted)) as ShownPlugin, (shown) => [servesLine(shown)])
}

/** Takes a plugin out of service, with its versions. */
export async function remove(name: string, options: DeployOptions): Promise<void> {
  const path = await tenantPath(options, 'plugins', name)
  if (!(await confirm(`Delete the plugin ${name} and its versions?`, options.yes))) return
  await askAdmin(options, { method: 'DELETE', path })
  show(options, null, () => [`${name} is deleted`])
}
