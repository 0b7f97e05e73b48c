import { Command } from 'commander'
import { type AdminOptions, askAdmin, withAdminOptions } from '../admin/ask-admin.ts'
import { show } from '../admin/show.ts'

export interface WhoAmI {
  readonly name: string
  readonly role: string
  /** Null: the operator's. */
  readonly tenant: string | null
}

/** `bulkhead whoami`: whose token is used, and what it may. */
export function whoamiCommand(name: string): Command {
  const command = new Command(name).description('Say whose token is used, and what it may.')
  return withAdminOptions(command, false).action(async (options: AdminOptions) => {
    const answer = await askAdmin(options, { path: '/v1/whoami' })
    show(options, answer as WhoAmI, ({ name: token, role, tenant }) => [
      `${role}${tenant === null ? '' : ` of the tenant ${tenant}`}  (${token})`,
    ])
  })
}
