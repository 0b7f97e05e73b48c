import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetchResponse } from '../../../sandbox/guest/fetch-response.ts'
import type { FetchResponse } from '../../../sandbox/sdk/powers.ts'

function responseOf(status: number, body: string): FetchResponse {
  const body64 = Buffer.from(body).toString('base64')
  const fetched = { status, url: 'https://example.com/', headers: { etag: '"1"' }, body64 }
  return fetchResponse(fetched) as FetchResponse
}

test('a response is whole: text, JSON and bytes may be read, each as often as one likes', async () => {
  const response = responseOf(200, '{"grüße":1}')
  assert.equal(await response.text(), '{"grüße":1}')
  assert.deepEqual(await response.json(), { grüße: 1 })
  assert.deepEqual([...(await response.bytes())], [...Buffer.from('{"grüße":1}')])
  assert.equal(await response.text(), '{"grüße":1}')
})

test('ok is 200 to 299, and a body that is no JSON rejects', async () => {
  assert.deepEqual(
    [199, 200, 299, 300].map((status) => responseOf(status, '').ok),
    [false, true, true, false],
  )
  await assert.rejects(responseOf(200, 'no').json(), SyntaxError)
})

test('nothing of a response can be changed, but for the bytes, which are the reader’s own', () => {
  const response = responseOf(204, '')
  assert.ok(Object.isFrozen(response) && Object.isFrozen(response.headers))
  assert.deepEqual(
    [response.status, response.url, response.headers],
    [204, 'https://example.com/', { etag: '"1"' }],
  )
})
