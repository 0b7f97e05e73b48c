import { BulkheadError } from '../base/errors.ts'
import { DRAIN_MOST_SEC } from '../base/limits.ts'

/** What may be asked about over the control socket; later over the admin API, by the same handlers. */
export interface ExplainRequest {
  readonly tenant: string
  /** The client identifier. */
  readonly client: string
  readonly action: 'publish' | 'subscribe' | 'receive'
  /** A topic name; for subscribe a topic filter. */
  readonly topic: string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
}

/** Which refusals are wanted of one tenant. */
export interface RefusalsRequest {
  readonly tenant: string
  readonly client?: string | undefined
  readonly action?: string | undefined
  readonly topic?: string | undefined
}

/** What the broker does for its operator. Undefined: there is no such thing. */
export interface ControlPorts {
  status(): object
  explain(request: ExplainRequest): Promise<object | 'invalid' | undefined>
  decision(id: string): object | undefined
  refusals(request: RefusalsRequest): readonly object[] | undefined
  /**
   * Begins to stop.
   *
   * @param drainSec over which clients are sent away; undefined: as it is configured.
   * @returns over how many seconds they are.
   */
  stop(drainSec: number | undefined): number
  /**
   * Reads the config anew.
   *
   * @param isDry says what would change, and changes nothing.
   * @throws BulkheadError what is wrong with it; nothing has changed then.
   */
  reload(isDry: boolean): Promise<object>
}

/** A status of HTTP and a body; from 400 a problem [RFC 9457]. */
export interface Answer {
  readonly status: number
  readonly body: object
}

const ACTIONS = ['publish', 'subscribe', 'receive'] as const

/** What is answered here; all else is the admin API's. */
export function isControlPath(url: string): boolean {
  return CONTROL.test(url)
}

const CONTROL = /^\/v1\/(?:status|explain|refusals|decisions|stop|reload)(?:[/?]|$)/

/** @param url as the request has it: path and query. Hostile: it may be anything. */
export async function route(ports: ControlPorts, method: string, url: string): Promise<Answer> {
  const parsed = URL.parse(url, 'http://control')
  if (parsed === null) return problem(400, 'the request has no path')
  const { pathname, searchParams } = parsed
  if (method === 'POST' && pathname === '/v1/stop') return stop(ports, searchParams.get('drainSec'))
  if (method === 'POST' && pathname === '/v1/reload')
    return reload(ports, searchParams.get('dryRun') === 'true')
  if (method !== 'GET') return problem(405, 'only GET is answered here, and POST /v1/stop and /v1/reload')
  if (pathname === '/v1/status') return { status: 200, body: ports.status() }
  if (pathname === '/v1/explain') return explain(ports, searchParams)
  if (pathname === '/v1/refusals') return refusals(ports, searchParams)
  const id = /^\/v1\/decisions\/([a-z0-9-]{1,64})$/.exec(pathname)?.[1]
  if (id === undefined)
    return problem(404, 'there are /v1/status, /v1/explain, /v1/refusals and /v1/decisions/ID')
  const decision = ports.decision(id)
  return decision === undefined
    ? problem(404, `decision ${id} is not, or no longer, kept`)
    : { status: 200, body: decision }
}

async function explain(ports: ControlPorts, query: URLSearchParams): Promise<Answer> {
  const request = readExplain(query)
  if (typeof request === 'string') return problem(400, request)
  const explained = await ports.explain(request)
  if (explained === 'invalid') return problem(400, `topic: ${request.topic} is no ${kindOf(request)}`)
  if (explained !== undefined) return { status: 200, body: explained }
  const { client, tenant } = request
  return problem(404, `tenant ${tenant} has no session of a client ${client}`)
}

function stop(ports: ControlPorts, written: string | null): Answer {
  const drainSec = written === null ? undefined : Number(/^\d{1,4}$/.exec(written)?.[0] ?? NaN)
  if (drainSec !== undefined && !(drainSec <= DRAIN_MOST_SEC)) {
    return problem(400, `drainSec: must be a whole number from 0 to ${DRAIN_MOST_SEC}`)
  }
  return { status: 202, body: { drainSec: ports.stop(drainSec) } }
}

async function reload(ports: ControlPorts, isDry: boolean): Promise<Answer> {
  try {
    return { status: 200, body: await ports.reload(isDry) }
  } catch (error) {
    if (error instanceof BulkheadError) return problem(422, error.message)
    throw error
  }
}

function refusals(ports: ControlPorts, query: URLSearchParams): Answer {
  const tenant = query.get('tenant')
  if (tenant === null) return problem(400, 'tenant: is missing')
  const [client, action, topic] = ['client', 'action', 'topic'].map((name) => query.get(name) ?? undefined)
  const found = ports.refusals({ tenant, client, action, topic })
  return found === undefined
    ? problem(404, `there is no tenant ${tenant}`)
    : { status: 200, body: { refusals: found } }
}

/** @returns what is wrong, if it is no request. */
function readExplain(query: URLSearchParams): ExplainRequest | string {
  const [tenant, client, topic] = ['tenant', 'client', 'topic'].map((name) => query.get(name))
  const missing = { tenant, client, topic }
  for (const [name, value] of Object.entries(missing)) if (!value) return `${name}: is missing`
  const action = ACTIONS.find((known) => known === query.get('action'))
  if (action === undefined) return `action: must be one of ${ACTIONS.join(', ')}`
  const qos = ([0, 1, 2] as const).find((known) => String(known) === (query.get('qos') ?? '0'))
  if (qos === undefined) return 'qos: must be 0, 1 or 2'
  const retain = query.get('retain') === 'true'
  return { tenant: tenant ?? '', client: client ?? '', topic: topic ?? '', action, qos, retain }
}

function kindOf({ action }: ExplainRequest): string {
  return action === 'subscribe' ? 'topic filter' : 'topic name'
}

function problem(status: number, detail: string): Answer {
  return { status, body: { title: TITLES[status] ?? 'Error', status, detail } }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  404: 'Not found',
  405: 'Method not allowed',
  422: 'Cannot be done so',
}
