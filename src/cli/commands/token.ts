import { Command, Option } from 'commander'
import { BulkheadError } from '../../base/errors.ts'
import { type AdminOptions, askAdmin, withAdminOptions } from '../admin/ask-admin.ts'
import { show, table } from '../admin/show.ts'
import type { WhoAmI } from './whoami.ts'

interface Token {
  readonly id: string
  readonly name: string
  readonly role: string
  readonly tenant: string | null
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
}

const ROLES = ['operator', 'tenant-admin', 'tenant-deployer', 'tenant-viewer']

/** `bulkhead token`: who may manage what. */
export function tokenCommand(name: string): Command {
  const command = new Command(name).description('Make, list and revoke tokens of the admin API.')
  const creation = command
    .command('create')
    .description('Make a token, which is shown once.')
    .addOption(new Option('--role <role>', 'what it may').choices(ROLES).makeOptionMandatory())
    .requiredOption('--name <text>', 'what it is for')
    .option('--days <days>', 'how long it is valid; default: until it is revoked')
  withAdminOptions(creation).action(create)
  withAdminOptions(command.command('list').description('Tokens, without what they are.')).action(list)
  withAdminOptions(command.command('revoke').description('End a token at once.').argument('<id>')).action(
    revoke,
  )
  return command
}

async function create(options: AdminOptions & { role: string; name: string; days?: string }): Promise<void> {
  const { role, name, days } = options
  const expiresAt = days === undefined ? {} : { expiresAt: inDays(days) }
  const path = role === 'operator' ? '/v1/tokens' : await tokensPath(options)
  const answer = await askAdmin(options, { method: 'POST', path, body: { name, role, ...expiresAt } })
  show(options, answer as { readonly token: Token; readonly secret: string }, ({ token, secret }) => [
    secret,
    `  ${token.role}${token.tenant === null ? '' : ` of ${token.tenant}`}; it is not shown again`,
    '  next:  bulkhead login    and paste it',
  ])
}

async function list(options: AdminOptions): Promise<void> {
  const answer = await askAdmin(options, { path: await tokensPath(options) })
  show(options, answer as { readonly tokens: readonly Token[] }, ({ tokens }) =>
    table(
      ['id', 'name', 'role', 'expires', 'last used'],
      tokens.map(({ id, name, role, expiresAt, lastUsedAt }) => [
        id,
        name,
        role,
        expiresAt ?? 'never',
        lastUsedAt ?? 'never',
      ]),
    ),
  )
}

async function revoke(id: string, options: AdminOptions): Promise<void> {
  await askAdmin(options, {
    method: 'DELETE',
    path: `${await tokensPath(options)}/${encodeURIComponent(id)}`,
  })
  show(options, null, () => [`${id} is revoked`])
}

/** Those of the tenant that is named, or that the caller is of; the operator's where it names none. */
async function tokensPath(options: AdminOptions): Promise<string> {
  const { tenant = ((await askAdmin(options, { path: '/v1/whoami' })) as WhoAmI).tenant } = options
  return tenant === null ? '/v1/tokens' : `/v1/tenants/${encodeURIComponent(tenant)}/tokens`
}

function inDays(written: string): string {
  const days = Number(written)
  if (days > 0 && days < MOST_DAYS) return new Date(Date.now() + days * DAY_MS).toISOString()
  throw new BulkheadError('ERR_USAGE', `--days: expected a number of days, got ${written}`)
}

const DAY_MS = 86_400_000
const MOST_DAYS = 36_500
