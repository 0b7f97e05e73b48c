import { Command } from 'commander'
import { type AdminOptions, askAdmin, tenantPath, withAdminOptions } from '../admin/ask-admin.ts'
import { show, table } from '../admin/show.ts'
import { printable } from '../../observe/printable.ts'

interface ShownClient {
  readonly clientId: string
  readonly connected: boolean
  readonly principal: string
  readonly protocolVersion: number
  readonly subscriptions: number
  readonly queued: number
}

/** `bulkhead clients`: who is connected to a tenant, or may come back. */
export function clientsCommand(name: string): Command {
  const command = new Command(name).description('List and disconnect the clients of a tenant.')
  const listing = command.command('list').description('Clients, in the order of their identifiers.')
  withAdminOptions(listing.option('--after <id>', 'only those behind this one')).action(list)
  const kick = command.command('kick').description('Disconnect a client; it may come back.')
  withAdminOptions(kick.argument('<id>', 'its client identifier')).action(disconnect)
  return command
}

async function list(options: AdminOptions & { readonly after?: string }): Promise<void> {
  const query = options.after === undefined ? '' : `?after=${encodeURIComponent(options.after)}`
  const answer = await askAdmin(options, { path: `${await tenantPath(options, 'clients')}${query}` })
  show(options, answer as { readonly clients: readonly ShownClient[] }, ({ clients }) =>
    table(
      ['client', 'connected', 'principal', 'MQTT', 'subscriptions', 'queued'],
      clients.map((client) => [
        printable(client.clientId),
        client.connected ? 'yes' : 'no',
        printable(client.principal),
        VERSIONS[client.protocolVersion] ?? String(client.protocolVersion),
        String(client.subscriptions),
        String(client.queued),
      ]),
    ),
  )
}

const VERSIONS: Readonly<Record<number, string>> = { 3: '3.1', 4: '3.1.1', 5: '5.0' }

async function disconnect(id: string, options: AdminOptions): Promise<void> {
  await askAdmin(options, { method: 'DELETE', path: await tenantPath(options, 'clients', id) })
  show(options, null, () => [`${printable(id)} is disconnected`])
}
