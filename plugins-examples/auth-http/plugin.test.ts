import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { loadPlugin } from 'bulkhead/test'

/** What the server was asked, and what it is to answer. */
const asked: { readonly request: IncomingMessage; readonly body: string }[] = []
let answer: { readonly status: number; readonly body: string } = { status: 200, body: '{"ok": true}' }

const server = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk: Buffer) => (body += chunk.toString()))
  request.on('end', () => {
    asked.push({ request, body })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body)
  })
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
after(() => {
  server.closeAllConnections()
  server.close()
})
const { port } = server.address() as AddressInfo

/** `auth.internal` is this machine. */
const egress = { lookup: async () => ['127.0.0.1'], isAllowed: () => false, timeoutMs: 10_000 }

async function load(options: object): Promise<Awaited<ReturnType<typeof loadPlugin>>> {
  const plugin = await loadPlugin(import.meta.dirname, {
    config: { host: 'auth.internal', port, ...options },
    capabilities: { password: true, fetch: { private: [`http://auth.internal:${port}`] } },
    ports: { egress },
  })
  after(() => plugin.close())
  return plugin
}

const ALICE = { username: 'alice', password: new TextEncoder().encode('wonder&land'), clientId: 'c1' }

test('the server is asked as it wants to be: method, and question as JSON, form or query', async () => {
  answer = { status: 200, body: '{"OK": true}' }
  const question = { username: 'alice', password: 'wonder&land', client_id: 'c1' }
  const form = 'username=alice&password=wonder%26land&client_id=c1'
  for (const [request_method, params_mode, url, body] of [
    ['get', 'json', '/user', JSON.stringify(question)],
    ['post', 'json', '/user', JSON.stringify(question)],
    ['put', 'form', '/user', form],
    ['get', 'form', `/user?${form}`, ''],
  ] as const) {
    const plugin = await load({ request_method, params_mode, user_agent: 'tests' })
    assert.equal((await plugin.authenticate(ALICE)).verdict?.verdict, 'allow')
    const last = asked.at(-1)
    assert.deepEqual(
      [last?.request.method, last?.request.url, last?.body, last?.request.headers['user-agent']],
      [request_method.toUpperCase(), url, body, 'tests'],
    )
  }
})

test('what the server answers allows, denies, or leaves it to others', async () => {
  const modes = {
    json: [
      [200, '{"ok": true}', 'allow'],
      [200, '{"ok": false, "error": "no"}', 'deny'],
      [200, '{"error": "not mine"}', 'abstain'],
      [200, '{"ok": "yes"}', 'deny'],
      [200, '[]', 'abstain'],
      [403, '{"ok": true}', 'deny'],
    ],
    status: [
      [204, '', 'allow'],
      [401, '', 'deny'],
      [503, '', 'abstain'],
    ],
    text: [
      [200, 'ok', 'allow'],
      [200, 'OK\n', 'allow'],
      [200, 'error', 'deny'],
      [500, 'ok', 'deny'],
    ],
  } as const
  for (const [response_mode, cases] of Object.entries(modes)) {
    const plugin = await load({ response_mode })
    for (const [status, body, verdict] of cases) {
      answer = { status, body }
      const said = (await plugin.authenticate(ALICE)).verdict?.verdict
      assert.equal(said, verdict, `${response_mode} ${status} ${body}`)
    }
  }
})

test('a server that is not there is a fault, which the failure policy answers', async () => {
  const plugin = await loadPlugin(import.meta.dirname, {
    config: { host: 'auth.internal', port: 1 },
    capabilities: { password: true, fetch: { private: ['http://auth.internal:1'] } },
    ports: { egress },
  })
  after(() => plugin.close())
  assert.deepEqual((await plugin.authenticate(ALICE)).outcome, 'threw')
})
