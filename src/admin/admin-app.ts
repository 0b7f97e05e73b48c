import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import fastifyRateLimit from '@fastify/rate-limit'
import fastifySwagger from '@fastify/swagger'
import { Ajv } from 'ajv'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { ADMIN } from '../base/limits.ts'
import { VERSION } from '../base/version.ts'
import type { AdminPorts } from './admin-ports.ts'
import { Doorman } from './doorman.ts'
import { IdempotencyKeys } from './idempotency-keys.ts'
import { Problem, problemOf } from './problem.ts'
import type { AdminRoute, Asked, Caller, Reply } from './route.ts'
import { ROUTES } from './routes/all.ts'

/** The admin API, without a way in: whoever listens hands requests over. */
export interface AdminApp {
  /** @param caller whoever is known by the way in alone; undefined: a token must say who it is. */
  serve(request: IncomingMessage, response: ServerResponse, caller?: Caller): void
  /** The API's description, OpenAPI 3.1. */
  describe(): object
  close(): Promise<void>
}

/** How often somebody may ask. */
export interface AdminRates {
  readonly requestsPerMin: number
  readonly failedLoginsPerMin: number
}

/** Builds the API over what the broker can do. */
export async function buildAdminApp(ports: AdminPorts, rates: AdminRates = ADMIN): Promise<AdminApp> {
  const app = Fastify({
    bodyLimit: ADMIN.bodyBytes,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: ADMIN.paramChars },
  })
  const known = new WeakMap<IncomingMessage, Caller>()
  compileStrictly(app)
  readJson(app)
  app.setErrorHandler((error, _request, reply) => refuse(ports, reply, error))
  app.setNotFoundHandler((_request, reply) => refuse(ports, reply, new Problem(404, 'there is no such path')))
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'",
    })
  })
  await app.register(fastifySwagger, DESCRIPTION)
  await app.register(fastifyRateLimit, {
    hook: 'preValidation',
    max: rates.requestsPerMin,
    timeWindow: 60_000,
    cache: ADMIN.callersKept,
    keyGenerator: (request) => callers.get(request)?.name ?? request.ip,
    allowList: (request) => known.has(request.raw),
    errorResponseBuilder: (_request, { after }) =>
      new Problem(429, `too many requests; try again in ${after}`),
  })
  const doorman = new Doorman(
    ports,
    app.createRateLimit({ max: rates.failedLoginsPerMin, timeWindow: 60_000 }),
  )
  const callers = new WeakMap<FastifyRequest, Caller>()
  const keys = new IdempotencyKeys()
  await app.register(async (scope) => {
    for (const route of ROUTES) {
      const declared = new RegisteredRoute(ports, route, { doorman, known, callers, keys })
      scope.route({
        method: route.method,
        url: route.url,
        schema: schemaOf(route),
        ...(route.bodyBytes === undefined ? {} : { bodyLimit: route.bodyBytes }),
        onRequest: (request) => declared.admit(request),
        handler: (request, reply) => declared.answer(request, reply),
      })
    }
    scope.get('/v1/openapi.json', { schema: { hide: true } }, () => app.swagger())
  })
  await app.ready()
  return {
    serve: (request, response, caller) => {
      if (caller !== undefined) known.set(request, caller)
      app.routing(request, response)
    },
    describe: () => app.swagger(),
    close: () => app.close(),
  }
}

/** What routes share. */
interface Shared {
  readonly doorman: Doorman
  readonly known: WeakMap<IncomingMessage, Caller>
  readonly callers: WeakMap<FastifyRequest, Caller>
  readonly keys: IdempotencyKeys
}

/** One route, with who may and what is kept of it. */
class RegisteredRoute {
  readonly #ports: AdminPorts
  readonly #route: AdminRoute
  readonly #shared: Shared

  constructor(ports: AdminPorts, route: AdminRoute, shared: Shared) {
    this.#ports = ports
    this.#route = route
    this.#shared = shared
  }

  /** Before a byte of the body is read. */
  async admit(request: FastifyRequest): Promise<void> {
    const { may } = this.#route
    if (may === 'anyone') return
    const { doorman, known, callers } = this.#shared
    const caller = known.get(request.raw) ?? (await doorman.identify(request))
    const { tenant } = request.params as { readonly tenant?: string }
    doorman.check(caller, may, tenant)
    callers.set(request, caller)
  }

  async answer(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const asked = this.#asked(request)
    if (this.#route.method === 'GET') return send(reply, await this.#route.handle(this.#ports, asked))
    return send(
      reply,
      await this.#shared.keys.once(request, asked.caller, () => this.#change(request, asked)),
    )
  }

  /** What changes something is kept in the audit, however it ends. */
  async #change(request: FastifyRequest, asked: Asked): Promise<Reply> {
    let status = 500
    let changed: Reply['changed']
    try {
      const answer = await this.#route.handle(this.#ports, asked)
      status = statusOf(answer)
      changed = answer.changed
      return answer
    } catch (error) {
      status = problemOf(error).body.status
      throw error
    } finally {
      this.#ports.record({
        tenant: asked.params['tenant'] ?? '',
        who: `${asked.caller.role} ${asked.caller.name}`,
        what: `${request.method} ${request.url.split('?', 1)[0] ?? ''}`,
        from: request.ip,
        status,
        before: digestOf(changed?.before),
        after: digestOf(changed?.after),
      })
    }
  }

  #asked(request: FastifyRequest): Asked {
    const caller = this.#shared.callers.get(request) ?? NOBODY
    const { params, query, body } = request as Pick<Asked, 'params' | 'query' | 'body'>
    return { params, query, body, caller, ifMatch: ifMatchOf(request) }
  }
}

const NOBODY: Caller = { role: 'tenant-viewer', tenant: '', name: 'anyone' }

function ifMatchOf({ headers }: FastifyRequest): number | undefined {
  const written = headers['if-match']
  if (written === undefined || written === '*') return undefined
  const revision = /^"(\d{1,15})"$/.exec(written)?.[1]
  if (revision === undefined) throw new Problem(400, 'If-Match: must be an ETag as it was given, such as "7"')
  return Number(revision)
}

function statusOf({ status, body, events }: Reply): number {
  return status ?? (body === undefined && events === undefined ? 204 : 200)
}

function send(reply: FastifyReply, answer: Reply): unknown {
  reply.status(statusOf(answer))
  if (answer.revision !== undefined) reply.header('etag', `"${answer.revision}"`)
  if (answer.events !== undefined) {
    reply.type('text/event-stream')
    return reply.send(Readable.from(answer.events))
  }
  if (typeof answer.body === 'string') reply.type('text/plain; charset=utf-8')
  return reply.send(answer.body)
}

function refuse(ports: AdminPorts, reply: FastifyReply, error: unknown): void {
  const { body, isBug } = problemOf(error)
  if (isBug) ports.failed(error)
  const headers = error instanceof Problem ? error.headers : {}
  // already a string: no schema of the route is to pick from it
  void reply.status(body.status).headers(headers).type('application/problem+json').send(JSON.stringify(body))
}

function digestOf(value: unknown): string {
  return value === undefined ? '' : createHash('sha256').update(JSON.stringify(value)).digest('hex')
}

/** Text in a query becomes the number that is asked for; a body is taken as it is, or not at all. */
function compileStrictly(app: FastifyInstance): void {
  const strict = new Ajv({ strict: false, allErrors: false })
  const coercing = new Ajv({ strict: false, coerceTypes: true, useDefaults: true })
  app.setValidatorCompiler(({ schema, httpPart }) => {
    const compiler = httpPart === 'body' ? strict : coercing
    return compiler.compile(schema as object)
  })
}

/** As fastify reads it, but that a request without a body may say what its body would be. */
function readJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text: string, done) => {
    if (text === '') done(null)
    else void parse(request, text, done)
  })
}

function schemaOf({ summary, query, body, answer, may, url }: AdminRoute): Readonly<Record<string, unknown>> {
  return {
    summary,
    tags: [TAG.exec(url)?.[1] ?? 'broker'],
    description: may === 'anyone' ? 'Needs no token.' : `For the role ${may}, and those above it.`,
    security: may === 'anyone' ? [] : [{ token: [] }],
    ...(query === undefined
      ? {}
      : { querystring: { type: 'object', properties: query, additionalProperties: false } }),
    ...(body === undefined ? {} : { body }),
    response: answer === undefined ? { 204: { type: 'null' } } : { 200: answer },
  }
}

const TAG = /^\/v1\/(?:tenants\/:tenant\/)?([a-z]+)/

const DESCRIPTION = {
  openapi: {
    openapi: '3.1.0',
    info: { title: 'Bulkhead admin API', version: VERSION },
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  },
} as const
