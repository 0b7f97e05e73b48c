import { Command } from 'commander'
import { BulkheadError } from '../../base/errors.ts'
import { askAdmin } from '../admin/ask-admin.ts'
import { readSecret } from '../admin/ask-user.ts'
import { credentialsFile, forgetCredentials, saveCredentials } from '../admin/credentials.ts'
import type { WhoAmI } from './whoami.ts'

const DEFAULT_API = 'http://127.0.0.1:18083'

/** `bulkhead login`: keeps a token for the commands that manage something. */
export function loginCommand(name: string): Command {
  return new Command(name)
    .description('Keep a token of an admin API, read from stdin, for later commands.')
    .option('--api <url>', 'where the API is', process.env['BULKHEAD_API'] ?? DEFAULT_API)
    .option('--forget', 'delete the token that was kept')
    .action(async ({ api, forget }: { api: string; forget?: true }) =>
      forget === true ? leave() : login(api),
    )
}

async function login(written: string): Promise<void> {
  const api = URL.parse(written)
  if (api === null || !/^https?:$/.test(api.protocol))
    throw new BulkheadError('ERR_USAGE', `--api: ${written} is no address such as ${DEFAULT_API}`)
  const token = await readSecret('Token: ')
  if (token === '') throw new BulkheadError('ERR_USAGE', 'no token was given; pipe it in, or type it')
  process.env['BULKHEAD_TOKEN'] = token
  const { role, tenant } = (await askAdmin({ api: api.origin }, { path: '/v1/whoami' })) as WhoAmI
  const file = credentialsFile()
  await saveCredentials({ api: api.origin, token }, file)
  const whose = tenant === null ? '' : ` of the tenant ${tenant}`
  process.stdout.write(`logged in to ${api.origin} as ${role}${whose}; kept in ${file}\n`)
}

async function leave(): Promise<void> {
  const had = await forgetCredentials(credentialsFile())
  process.stdout.write(
    had ? 'the token is deleted here; `bulkhead token revoke` ends it\n' : 'there was none\n',
  )
}
