import type { Role } from '../hosting/roles.ts'
import type { AdminPorts } from './admin-ports.ts'

/** Who asks, as far as the way in has shown it. */
export interface Caller {
  readonly role: Role
  /** Null: the operator. */
  readonly tenant: string | null
  /** The token's id, the subject of a JWT, or `local` for the control socket: what the audit says. */
  readonly name: string
}

/** A request that its route's schemas have passed, from somebody who may. */
export interface Asked {
  /** Parts of the path, decoded. `tenant` is one that the caller may name. */
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string | number | boolean | undefined>>
  readonly body: unknown
  readonly caller: Caller
  /** The revision that what is changed must have; undefined: whatever it has. */
  readonly ifMatch: number | undefined
}

/** What a route answers. */
export interface Reply {
  /** Default: 200, and 204 without a body. */
  readonly status?: number
  readonly body?: unknown
  /** The resource's revision, as its ETag. */
  readonly revision?: number
  /** Lines that go on for as long as the caller listens, in place of a body. */
  readonly events?: AsyncIterable<string>
  /** What a change was made of, and into, for the audit: its digests, never the values. */
  readonly changed?: { readonly before?: unknown; readonly after?: unknown }
}

/** A schema as fastify's ajv takes it; object schemas that a request has to fit are closed. */
export type Schema = Readonly<Record<string, unknown>>

/** One thing that can be asked of the broker over HTTP: data, so that one place decides who may. */
export interface AdminRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `/v1/tenants/:tenant` it is that tenant's; everywhere else, of no tenant. */
  readonly url: string
  /** The least role that may; `anyone` needs no token. */
  readonly may: Role | 'anyone'
  /** One line, for the OpenAPI page. */
  readonly summary: string
  readonly query?: Readonly<Record<string, Schema>>
  readonly body?: Schema
  /** The body's bound, where it is not that of all. */
  readonly bodyBytes?: number
  readonly answer?: Schema
  handle(ports: AdminPorts, asked: Asked): Reply | Promise<Reply>
}

/** An object schema that takes these properties and no others; all but the optional ones are required. */
export function closed(
  properties: Readonly<Record<string, Schema>>,
  optional: readonly string[] = [],
): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name))
  return { type: 'object', properties, required, additionalProperties: false }
}

/** An answer with a list in it. */
export function listOf(name: string, item: Schema): Schema {
  return { type: 'object', properties: { [name]: { type: 'array', items: item } }, required: [name] }
}

export const TEXT: Schema = { type: 'string' }
export const NUMBER: Schema = { type: 'number' }
export const FLAG: Schema = { type: 'boolean' }
export const NULLABLE_TEXT: Schema = { type: ['string', 'null'] }
export const ANYTHING: Schema = { type: 'object', additionalProperties: true }
