import type { Command } from 'commander'
import { BulkheadError, messageOf } from '../../base/errors.ts'
import { ADMIN } from '../../base/limits.ts'
import { type ControlPlace, sendControl, streamControl } from '../ask-control.ts'
import { type Credentials, credentialsFile, savedCredentials } from './credentials.ts'

/** What every command that manages something takes. */
export interface AdminOptions extends ControlPlace {
  /** The address of an admin API. */
  readonly api?: string
  /** A tenant; default: the token's own. */
  readonly tenant?: string
  readonly json?: true
}

/** Adds the flags of {@link AdminOptions}. */
export function withAdminOptions(command: Command, ofTenant = true): Command {
  command.option(
    '--api <url>',
    'the admin API; default: where `bulkhead login` was, else the broker on this machine',
  )
  if (ofTenant) command.option('--tenant <name>', "the tenant; default: the token's own")
  return command
    .option('--socket <path>', 'the control socket of the broker on this machine')
    .option('--json', 'print the answer as JSON')
}

/** A request of the admin API. */
export interface AdminRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** From `/v1` on, encoded. */
  readonly path: string
  readonly body?: unknown
}

/**
 * Asks the admin API: over HTTP with a token (`BULKHEAD_API` and `BULKHEAD_TOKEN`, or what `bulkhead login`
 * has kept), or as the operator, over the control socket of the broker that this user runs here.
 *
 * @returns the body of the answer; undefined: it has none.
 * @throws BulkheadError ERR_ADMIN: nobody answers, or refuses; ERR_CONTROL
 */
export async function askAdmin(options: AdminOptions, request: AdminRequest): Promise<unknown> {
  const found = await credentialsFor(options)
  if (found === undefined) return bodyOf(await sendControl(options, request))
  const response = await send(found, request, AbortSignal.timeout(ADMIN.requestMs))
  return bodyOf({ status: response.status, text: await response.text() })
}

/**
 * What goes on for as long as the broker has something to say, in pieces of any size.
 *
 * @throws BulkheadError as {@link askAdmin}.
 */
export async function* streamAdmin(
  options: AdminOptions,
  request: AdminRequest,
): AsyncGenerator<string, void> {
  const found = await credentialsFor(options)
  if (found === undefined) {
    yield* streamControl(options, request.path)
    return
  }
  const response = await send(found, request, null)
  if (response.status >= 400) bodyOf({ status: response.status, text: await response.text() })
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) yield decoder.decode(chunk as Uint8Array, { stream: true })
}

async function send(
  { api, token }: Credentials,
  { method = 'GET', path, body }: AdminRequest,
  signal: AbortSignal | null,
): Promise<Response> {
  const json = body === undefined ? {} : { 'content-type': 'application/json' }
  try {
    return await fetch(new URL(path, api), {
      method,
      headers: { authorization: `Bearer ${token}`, ...json },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
      signal,
    })
  } catch (cause) {
    const why =
      cause instanceof Error && cause.cause !== undefined ? messageOf(cause.cause) : messageOf(cause)
    throw new BulkheadError('ERR_ADMIN', `nobody answers at ${api}: ${why}`, { cause })
  }
}

/** The tenant that is meant. */
export async function tenantOf(options: AdminOptions): Promise<string> {
  if (options.tenant !== undefined) return options.tenant
  const { tenant } = (await askAdmin(options, { path: '/v1/whoami' })) as { readonly tenant: string | null }
  if (tenant !== null) return tenant
  throw new BulkheadError('ERR_USAGE', 'the operator is of no tenant: name one with --tenant')
}

/** The path of what belongs to a tenant. */
export async function tenantPath(options: AdminOptions, ...parts: readonly string[]): Promise<string> {
  const names = [await tenantOf(options), ...parts]
  return `/v1/tenants/${names.map(encodeURIComponent).join('/')}`
}

async function credentialsFor({ api, socket }: AdminOptions): Promise<Credentials | undefined> {
  if (socket !== undefined) return undefined
  const { BULKHEAD_API, BULKHEAD_TOKEN } = process.env
  const saved = await savedCredentials(credentialsFile())
  const where = api ?? BULKHEAD_API ?? saved?.api
  if (where === undefined) return undefined
  // a token goes to no other place than the one that it was given for
  const token = BULKHEAD_TOKEN ?? (saved?.api === where ? saved.token : undefined)
  if (token === undefined)
    throw new BulkheadError('ERR_ADMIN', `there is no token for ${where}: log in, or set BULKHEAD_TOKEN`)
  return { api: where, token }
}

function bodyOf({ status, text }: { readonly status: number; readonly text: string }): unknown {
  let body: unknown
  try {
    body = text === '' ? undefined : JSON.parse(text)
  } catch (cause) {
    throw new BulkheadError('ERR_ADMIN', `the answer is no JSON: ${text.slice(0, 200)}`, { cause })
  }
  if (status < 400) return body
  const { detail = 'no reason was given', code } = (body ?? {}) as { detail?: string; code?: string }
  throw new BulkheadError('ERR_ADMIN', `${code === undefined ? status : code}: ${detail}`)
}
