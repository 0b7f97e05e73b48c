import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { BulkheadError, messageOf } from '../../base/errors.ts'
import { printable } from '../../observe/printable.ts'
import { type AdminOptions, askAdmin, tenantPath, withAdminOptions } from '../admin/ask-admin.ts'
import { readSecret } from '../admin/ask-user.ts'
import { show, table } from '../admin/show.ts'

/** `bulkhead user`: who may come in to a tenant, and do what, where no plugin decides that. */
export function userCommand(name: string): Command {
  const command = new Command(name).description('Manage users and access rules of a tenant.')
  const add = (word: string, what: string): Command =>
    withAdminOptions(command.command(word).description(what))
  add('set', 'Give a user a password, read from stdin.').argument('<name>').action(set)
  add('list', 'Users, without their passwords.').action(list)
  add('delete', 'Delete a user; who is connected stays.').argument('<name>').action(remove)
  add('rules', 'Show the access rules; with a file, as mosquitto has them, replace them.')
    .argument('[file]', 'an acl_file; an empty one: no rules')
    .action(rules)
  return command
}

async function set(user: string, options: AdminOptions): Promise<void> {
  const password = await readSecret(`Password of ${user}: `)
  if (password === '') throw new BulkheadError('ERR_USAGE', 'no password was given; pipe it in, or type it')
  await askAdmin(options, {
    method: 'PUT',
    path: await tenantPath(options, 'users', user),
    body: { password },
  })
  show(options, null, () => [`${printable(user)} may come in with this password`])
}

async function list(options: AdminOptions): Promise<void> {
  const answer = await askAdmin(options, { path: await tenantPath(options, 'users') })
  const { users } = answer as {
    readonly users: readonly { readonly name: string; readonly changedAt: string }[]
  }
  show(options, answer, () =>
    table(
      ['user', 'changed'],
      users.map(({ name, changedAt }) => [printable(name), changedAt]),
    ),
  )
}

async function remove(user: string, options: AdminOptions): Promise<void> {
  await askAdmin(options, { method: 'DELETE', path: await tenantPath(options, 'users', user) })
  show(options, null, () => [`${printable(user)} is deleted`])
}

async function rules(file: string | undefined, options: AdminOptions): Promise<void> {
  const path = await tenantPath(options, 'rules')
  const body = file === undefined ? undefined : { rules: await linesOf(file) }
  const answer = await askAdmin(options, body === undefined ? { path } : { method: 'PUT', path, body })
  show(options, answer as { readonly rules: readonly string[] }, (shown) =>
    shown.rules.map((line) => printable(line)),
  )
}

async function linesOf(file: string): Promise<readonly string[]> {
  try {
    return (await readFile(file, 'utf8')).split(/\r?\n/).filter((line) => line !== '')
  } catch (cause) {
    throw new BulkheadError('ERR_USAGE', messageOf(cause), { cause })
  }
}
