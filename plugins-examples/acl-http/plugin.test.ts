import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { loadPlugin } from 'bulkhead/test'

/** Alice may publish to `a/b`, Bob is a superuser, of Carol the server knows nothing. */
const server = createServer((request, response) => {
  const url = new URL(request.url ?? '', 'http://auth.internal')
  const { username, topic, acc } = Object.fromEntries(url.searchParams)
  const isSuper = url.pathname === '/super' && username === 'bob'
  const isListed = url.pathname === '/acl' && username === 'alice' && topic === 'a/b' && acc === '2'
  response.writeHead(isSuper || isListed ? 200 : username === 'carol' ? 500 : 403).end()
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
after(() => {
  server.closeAllConnections()
  server.close()
})
const { port } = server.address() as AddressInfo

async function load(options: object): Promise<Awaited<ReturnType<typeof loadPlugin>>> {
  const plugin = await loadPlugin(import.meta.dirname, {
    config: { host: '127.0.0.1', port, params_mode: 'form', response_mode: 'status', ...options },
    capabilities: { fetch: { private: [`http://127.0.0.1:${port}`] } },
    limits: { fetchesPerSec: 100 },
  })
  after(() => plugin.close())
  return plugin
}

test('each action is asked about by its number, and the answer decides', async () => {
  const plugin = await load({})
  const said = async (username: string, action: 'publish' | 'subscribe' | 'receive'): Promise<unknown> => {
    const { verdict } = await plugin.topicFiltering({
      client: { username, clientId: 'c1' },
      topic: 'a/b',
      action,
    })
    return verdict?.verdict
  }
  assert.deepEqual(
    [
      await said('alice', 'publish'),
      await said('alice', 'subscribe'),
      await said('alice', 'receive'),
      await said('bob', 'publish'),
      await said('carol', 'publish'),
    ],
    ['allow', 'deny', 'deny', 'deny', 'abstain'],
  )
})

test('a superuser may use every topic, and an answer holds as long as the options say', async () => {
  const plugin = await load({ superuser_uri: '/super', cache_sec: 30 })
  const event = { client: { username: 'bob', clientId: 'c1' }, topic: 'any', action: 'subscribe' } as const
  assert.deepEqual((await plugin.topicFiltering(event)).verdict, { verdict: 'allow', cacheMs: 30_000 })
})
