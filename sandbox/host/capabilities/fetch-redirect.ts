import { headersElsewhere, headersWithoutBody } from './fetch-headers.ts'
import type { FetchRequest } from './fetch-request.ts'

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Whether an answer with this status sends elsewhere, if it says where. */
export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status)
}

/**
 * The request that follows a redirect, as the fetch standard has it: 303, and 301 and 302 after a POST, make
 * it a GET without a body; nothing that proves who asks goes to another origin.
 *
 * @param target already judged as if the plugin had asked for it.
 */
export function redirected(request: FetchRequest, status: number, from: URL, target: URL): FetchRequest {
  const headers = target.origin === from.origin ? request.headers : headersElsewhere(request.headers)
  const { method } = request
  const becomesGet =
    (status === 303 && method !== 'HEAD') || ((status === 301 || status === 302) && method === 'POST')
  return becomesGet
    ? { url: target.href, method: 'GET', headers: headersWithoutBody(headers), body: undefined }
    : { ...request, url: target.href, headers }
}
