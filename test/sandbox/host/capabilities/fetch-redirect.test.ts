import assert from 'node:assert/strict'
import { it } from 'node:test'
import { isRedirect, redirected } from '../../../../sandbox/host/capabilities/fetch-redirect.ts'
import type { FetchRequest } from '../../../../sandbox/host/capabilities/fetch-request.ts'

const here = new URL('https://a.example/')
const there = new URL('https://a.example/there')

function request(method: FetchRequest['method']): FetchRequest {
  const headers = [
    { name: 'content-type', value: 'a' },
    { name: 'authorization', value: 'b' },
  ]
  return { url: here.href, method, headers, body: Buffer.from('body') }
}

it('statuses that send elsewhere are five', () => {
  const statuses = Array.from({ length: 400 }, (_, index) => 200 + index)
  assert.deepEqual(statuses.filter(isRedirect), [301, 302, 303, 307, 308])
})

it('a method stays what it is but where the standard makes it a GET, which has no body', () => {
  const becomes = (method: FetchRequest['method']): string[] =>
    [301, 302, 303, 307, 308].map((status) => redirected(request(method), status, here, there).method)
  assert.deepEqual(becomes('POST'), ['GET', 'GET', 'GET', 'POST', 'POST'])
  assert.deepEqual(becomes('PUT'), ['PUT', 'PUT', 'GET', 'PUT', 'PUT'])
  assert.deepEqual(becomes('HEAD'), ['HEAD', 'HEAD', 'HEAD', 'HEAD', 'HEAD'])
  const get = redirected(request('POST'), 303, here, there)
  assert.deepEqual([get.body, get.headers], [undefined, [{ name: 'authorization', value: 'b' }]])
})

function names(target: string): string[] {
  return redirected(request('GET'), 307, here, new URL(target)).headers.map(({ name }) => name)
}

it('another port or scheme is another origin', () => {
  assert.deepEqual(names('https://a.example/x'), ['content-type', 'authorization'])
  assert.deepEqual(names('https://a.example:444/x'), ['content-type'])
})
