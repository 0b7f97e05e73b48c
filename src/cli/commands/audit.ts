import { Command } from 'commander'
import { printable } from '../../observe/printable.ts'
import { type AdminOptions, askAdmin, withAdminOptions } from '../admin/ask-admin.ts'
import { show } from '../admin/show.ts'
import type { WhoAmI } from './whoami.ts'

interface Record {
  readonly at: number
  readonly tenant: string
  readonly plugin: string
  readonly event: string
  readonly where: string
  readonly outcome: string
  readonly detail: string
  readonly count: number
}

/** `bulkhead audit`: who changed, or was refused, what. */
export function auditCommand(name: string): Command {
  const command = new Command(name)
    .description('Show who changed, or was refused, what; the newest last.')
    .option('--limit <count>', 'so many of the newest', '50')
  return withAdminOptions(command).action(audit)
}

async function audit(options: AdminOptions & { readonly limit: string }): Promise<void> {
  const { tenant = ((await askAdmin(options, { path: '/v1/whoami' })) as WhoAmI).tenant } = options
  const at = tenant === null ? '/v1' : `/v1/tenants/${encodeURIComponent(tenant)}`
  const answer = await askAdmin(options, { path: `${at}/audit?limit=${encodeURIComponent(options.limit)}` })
  show(options, answer as { readonly records: readonly Record[] }, ({ records }) => records.map(lineOf))
}

function lineOf({ at, tenant, plugin, event, where, outcome, detail, count }: Record): string {
  const whose = [tenant, plugin].filter((part) => part !== '').join('/') || 'broker'
  const words = [
    new Date(at).toISOString(),
    whose,
    event,
    where,
    outcome,
    detail,
    count > 1 ? `×${count}` : '',
  ]
  return words
    .filter((word) => word !== '')
    .map((word) => printable(word, 500))
    .join('  ')
}
