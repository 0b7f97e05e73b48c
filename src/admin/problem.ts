import { BulkheadError, type ErrorCode } from '../base/errors.ts'

/** A problem as it is answered [RFC 9457]. */
export interface ProblemBody {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly detail: string
  /** Of the error registry, where it is one of its. */
  readonly code?: ErrorCode
}

/** A request that is refused, with the status that says why. */
export class Problem extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail)
    this.status = status
    this.headers = headers
  }
}

export function notFound(what: string): Problem {
  return new Problem(404, `there is no ${what}`)
}

/** What is answered to an error, and whether it is the broker's own fault. */
export function problemOf(error: unknown): { readonly body: ProblemBody; readonly isBug: boolean } {
  if (error instanceof Problem) return { body: bodyOf(error.status, error.message), isBug: false }
  if (error instanceof BulkheadError) {
    const body = { ...bodyOf(STATUS_OF_CODE[error.code] ?? 422, error.message), code: error.code }
    return { body, isBug: false }
  }
  const status = statusOf(error)
  if (status !== undefined) return { body: bodyOf(status, (error as Error).message), isBug: false }
  return { body: bodyOf(500, 'the broker failed; its log says how'), isBug: true }
}

/** A status that fastify has given to an error of the request. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined
  const { statusCode } = error
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : undefined
}

function bodyOf(status: number, detail: string): ProblemBody {
  return { type: 'about:blank', title: TITLES[status] ?? 'Refused', status, detail }
}

/** What is not named here is something in the request that does not do: 422. */
const STATUS_OF_CODE: Readonly<Partial<Record<ErrorCode, number>>> = {
  ERR_STORE: 503,
  ERR_STOPPED: 503,
  ERR_JAIL: 503,
  ERR_CELL: 503,
  ERR_CONFLICT: 409,
  ERR_UNKNOWN: 404,
  ERR_PLUGIN_VERSION: 409,
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  412: 'Changed meanwhile',
  413: 'Too large',
  415: 'Unsupported type',
  422: 'Cannot be done so',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Not now',
}
