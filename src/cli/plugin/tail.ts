import { printable } from '../../observe/printable.ts'
import { type AdminOptions, streamAdmin, tenantPath } from '../admin/ask-admin.ts'

interface Line {
  readonly at: string
  readonly plugin?: string
  readonly [detail: string]: unknown
}

/**
 * Prints what happens to a tenant's plugins and clients, until it is interrupted or the broker ends.
 *
 * @param name of one plugin; undefined: of all, and refusals.
 */
export async function tail(name: string | undefined, options: AdminOptions): Promise<void> {
  let rest = ''
  for await (const text of streamAdmin(options, { path: await tenantPath(options, 'tail') })) {
    const events = (rest + text).split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) print(event, name, options)
  }
}

function print(event: string, name: string | undefined, { json }: AdminOptions): void {
  const [, kind, data] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? []
  // a comment, which says that the line holds
  if (kind === undefined || data === undefined) return
  const { at, plugin, ...details } = JSON.parse(data) as Line
  if (name !== undefined && plugin !== undefined && plugin !== name) return
  const line =
    json === true
      ? JSON.stringify({ event: kind, at, plugin, ...details })
      : lineOf(kind, at, plugin, details)
  process.stdout.write(`${line}\n`)
}

function lineOf(
  kind: string,
  at: string,
  plugin: string | undefined,
  details: Readonly<Record<string, unknown>>,
): string {
  const words = Object.entries(details)
    .filter(([, value]) => value !== '' && value !== undefined)
    .map(([key, value]) => (key === 'text' ? String(value) : `${key}=${shown(value)}`))
  return [at, kind, ...(plugin === undefined ? [] : [plugin]), ...words]
    .map((word) => printable(word, 500))
    .join('  ')
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
