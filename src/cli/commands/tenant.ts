import { Command } from 'commander'
import { BulkheadError } from '../../base/errors.ts'
import { type AdminOptions, askAdmin, withAdminOptions } from '../admin/ask-admin.ts'
import { confirm } from '../admin/ask-user.ts'
import { readSettings } from '../admin/read-settings.ts'
import { show, table } from '../admin/show.ts'

interface Settings {
  readonly settings?: string
  readonly usernamePrefix?: string
  readonly listener?: string
  readonly serverName?: string
  readonly wsPath?: string
  readonly wsHost?: string
  readonly anonymous?: true
  readonly topicDefault?: string
  readonly quota?: readonly string[]
}

interface Shown {
  readonly name: string
  readonly from: string
  readonly state: string
  readonly connections?: number
  readonly sessions?: number
  readonly plugins: readonly { readonly plugin: string; readonly version: string; readonly state: string }[]
}

/** `bulkhead tenant`: what the operator does with tenants. */
export function tenantCommand(name: string): Command {
  const command = new Command(name).description('Make, change and delete tenants, as the operator.')
  const settled = withSettings(command.command('create').argument('<name>', 'letters, digits, - and _'))
  withAdminOptions(settled.description('Make a tenant; its clients can connect at once.'), false).action(
    create,
  )
  withAdminOptions(command.command('list').description('All tenants.'), false).action(list)
  withAdminOptions(command.command('show').description('One tenant.').argument('<name>'), false).action(one)
  const quota = command
    .command('quota')
    .description('Change quotas: NAME=VALUE, or what they are by default: NAME=.')
  withAdminOptions(quota.argument('<name>').argument('<quota...>'), false).action(changeQuotas)
  for (const word of ['suspend', 'resume'] as const) {
    const what =
      word === 'suspend' ? 'Send its clients away, and let nobody in.' : 'Let its clients in again.'
    withAdminOptions(command.command(word).description(what).argument('<name>'), false).action(
      async (tenant: string, options: AdminOptions) => showOne(options, await ask(options, tenant, word)),
    )
  }
  const removal = command
    .command('delete')
    .description('Delete a tenant with all that it has.')
    .argument('<name>')
  withAdminOptions(removal.option('--yes', 'do not ask'), false).action(remove)
  return command
}

function withSettings(command: Command): Command {
  return command
    .option('--settings <file>', 'a YAML or JSON file with the keys of a tenant of the config')
    .option('--username-prefix <text>', 'its clients are those whose user names begin so')
    .option('--listener <name>', 'its clients are those of this listener')
    .option('--server-name <name>', 'its clients are those that call the server so (TLS)')
    .option('--ws-path <path>', 'its clients are those that come by this WebSocket path')
    .option('--ws-host <name>', 'its clients are those that ask for this host (WebSocket)')
    .option('--anonymous', 'clients are admitted where no plugin decides that')
    .option('--topic-default <answer>', 'allow or deny, where no plugin decides')
    .option('--quota <name=value...>', 'quotas, such as connections=100')
}

async function create(name: string, options: Settings & AdminOptions): Promise<void> {
  const settings = await settingsOf(options)
  const answer = await askAdmin(options, { method: 'POST', path: '/v1/tenants', body: { name, settings } })
  showOne(options, answer)
  if (options.json !== true)
    process.stdout.write(`  next:  bulkhead token create --tenant ${name} --role tenant-admin --name owner\n`)
}

async function settingsOf(options: Settings): Promise<Readonly<Record<string, unknown>>> {
  const {
    usernamePrefix,
    listener,
    serverName: tlsServerName,
    wsPath,
    wsHost,
    anonymous,
    topicDefault,
  } = options
  const match = written({ usernamePrefix, listener, tlsServerName, wsPath, wsHost })
  const quotas = quotasOf(options.quota ?? [])
  return {
    ...(options.settings === undefined ? {} : await readSettings(options.settings)),
    ...(Object.keys(match).length === 0 ? {} : { match }),
    ...written({ anonymous, topicDefault }),
    ...(Object.keys(quotas).length === 0 ? {} : { quotas }),
  }
}

function written(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

/** A number stays one; `1MiB` and `unlimited` are for the config's own reader. */
function quotasOf(words: readonly string[]): Readonly<Record<string, number | string>> {
  return Object.fromEntries(
    words.map((word) => {
      const [, name, value = ''] = /^(\w+)=(.*)$/.exec(word) ?? []
      if (name === undefined) throw new BulkheadError('ERR_USAGE', `${word}: write a quota as NAME=VALUE`)
      return [name, /^\d+$/.test(value) ? Number(value) : value]
    }),
  )
}

async function list(options: AdminOptions): Promise<void> {
  const answer = await askAdmin(options, { path: '/v1/tenants' })
  show(options, answer as { readonly tenants: readonly Shown[] }, ({ tenants }) => {
    const rows = tenants.map((tenant) => [
      tenant.name,
      tenant.from,
      tenant.state,
      String(tenant.connections ?? 0),
      String(tenant.sessions ?? 0),
      tenant.plugins.map(({ plugin, version }) => `${plugin}@${version}`).join(' '),
    ])
    return table(['tenant', 'from', 'state', 'connections', 'sessions', 'plugins'], rows)
  })
}

async function one(name: string, options: AdminOptions): Promise<void> {
  const answer = await ask(options, name)
  // all that is set of it is a tree: YAML's kin is easier to read than columns
  process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`)
}

async function changeQuotas(name: string, words: readonly string[], options: AdminOptions): Promise<void> {
  const path = `/v1/tenants/${encodeURIComponent(name)}/quotas`
  showOne(options, await askAdmin(options, { method: 'PUT', path, body: quotasOf(words) }))
}

async function remove(name: string, options: AdminOptions & { readonly yes?: true }): Promise<void> {
  const question = `Delete the tenant ${name}, its sessions, messages, plugins and tokens?`
  if (!(await confirm(question, options.yes))) return
  await askAdmin(options, { method: 'DELETE', path: `/v1/tenants/${encodeURIComponent(name)}` })
  show(options, null, () => [`${name} is deleted`])
}

function ask(options: AdminOptions, name: string, word?: 'suspend' | 'resume'): Promise<unknown> {
  const path = `/v1/tenants/${encodeURIComponent(name)}`
  return askAdmin(options, word === undefined ? { path } : { method: 'POST', path: `${path}/${word}` })
}

function showOne(options: AdminOptions, answer: unknown): void {
  show(options, answer as Shown, ({ name, state }) => [`${name} is ${state}`])
}
