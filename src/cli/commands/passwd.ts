import { Command } from 'commander'
import { hashPassword } from '../../../sandbox/index.ts'
import { BulkheadError } from '../../base/errors.ts'
import { readSecret } from '../admin/ask-user.ts'
import { setPasswordLine } from '../password-lines.ts'

/** `bulkhead passwd`: who may come in by a file of passwords, the `passwords:` of a tenant. */
export function passwdCommand(name: string): Command {
  return new Command(name)
    .description('Set a password in a file for `passwords:`; asks twice, or reads it from stdin.')
    .argument('<file>', 'the file, made when it is not there')
    .argument('<user>')
    .option('-D, --delete', 'delete the user')
    .action(async (file: string, user: string, { delete: isDeletion }: { delete?: true }) =>
      isDeletion === true ? remove(file, user) : set(file, user),
    )
}

async function set(file: string, user: string): Promise<void> {
  // oxlint-disable-next-line no-control-regex -- a line of the file must stay one
  if (!/^[^#:\s\u0000-\u001f\u007f][^:\u0000-\u001f\u007f]*$/.test(user) || user.endsWith(' '))
    throw new BulkheadError(
      'ERR_USAGE',
      'a user has no colon or control character, and begins with no # or space',
    )
  const password = await readSecret(`Password of ${user}: `)
  if (password === '') throw new BulkheadError('ERR_USAGE', 'no password was given; pipe it in, or type it')
  if (process.stdin.isTTY && (await readSecret('Once more: ')) !== password)
    throw new BulkheadError('ERR_USAGE', 'the two are not alike; nothing was changed')
  const wasThere = await setPasswordLine(file, user, await hashPassword(Buffer.from(password)))
  process.stdout.write(`${wasThere ? 'changed' : 'added'} ${user}\n`)
}

async function remove(file: string, user: string): Promise<void> {
  if (!(await setPasswordLine(file, user, null)))
    throw new BulkheadError('ERR_USAGE', `${file} has no user ${JSON.stringify(user)}`)
  process.stdout.write(`deleted ${user}\n`)
}
