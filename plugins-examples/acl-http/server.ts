import type { Fetch } from 'bulkhead/plugin'

/** Where the server is, and how it wants to be asked: options of both HTTP plugins, by aMQTT's names. */
export const SERVER_OPTIONS = {
  host: { type: 'string', minLength: 1, description: 'The server’s name or address.' },
  port: { type: 'integer', minimum: 1, maximum: 65_535 },
  with_tls: { type: 'boolean', default: false, description: 'https in place of http.' },
  request_method: { type: 'string', enum: ['get', 'post', 'put'], default: 'get' },
  params_mode: {
    type: 'string',
    enum: ['json', 'form'],
    default: 'json',
    description: 'How the question is written; `form` with `get` is a query string.',
  },
  response_mode: { type: 'string', enum: ['status', 'json', 'text'], default: 'json' },
  user_agent: { type: 'string', default: 'bulkhead' },
  timeout: {
    type: 'integer',
    minimum: 1,
    default: 5,
    description: 'Read so that aMQTT’s configs load; what bounds the waiting is the plugin’s `waitMs`.',
  },
} as const

/** The options as the plugin gets them. */
export interface Server {
  readonly host: string
  readonly port: number
  readonly with_tls: boolean
  readonly request_method: 'get' | 'post' | 'put'
  readonly params_mode: 'json' | 'form'
  readonly response_mode: 'status' | 'json' | 'text'
  readonly user_agent: string
}

/**
 * Puts a question to the server.
 *
 * @returns true: yes; false: no; null: the server leaves it to others.
 * @throws CapabilityError when there is no answer: the host's failure policy decides then.
 */
export async function ask(
  fetch: Fetch,
  server: Server,
  path: string,
  question: Readonly<Record<string, string | number>>,
): Promise<boolean | null> {
  const form = new URLSearchParams(Object.entries(question).map(([name, value]) => [name, String(value)]))
  const isForm = server.params_mode === 'form'
  const isQuery = isForm && server.request_method === 'get'
  const origin = `${server.with_tls ? 'https' : 'http'}://${server.host}:${server.port}`
  const response = await fetch(origin + path + (isQuery ? `?${form.toString()}` : ''), {
    method: METHODS[server.request_method],
    headers: {
      'user-agent': server.user_agent,
      ...(isQuery
        ? {}
        : { 'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json' }),
    },
    ...(isQuery ? {} : { body: isForm ? form.toString() : JSON.stringify(question) }),
  })
  const isYes = response.status >= 200 && response.status < 300
  if (server.response_mode === 'text') return isYes && (await response.text()).trim().toLowerCase() === 'ok'
  if (server.response_mode === 'json') return isYes && okOf(await response.json())
  if (isYes) return true
  return response.status >= 400 && response.status < 500 ? false : null
}

const METHODS = { get: 'GET', post: 'POST', put: 'PUT' } as const

/** `ok` in whichever case; without it the server has no opinion. */
function okOf(answer: unknown): boolean | null {
  if (typeof answer !== 'object' || answer === null) return false
  const said = Object.entries(answer).find(([name]) => name.toLowerCase() === 'ok')
  return said === undefined || said[1] === null ? null : said[1] === true
}
