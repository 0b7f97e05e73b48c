import assert from 'node:assert/strict'
import { bundleText } from '../../sandbox/bundle/bundle-file.ts'
import { buildPlugin } from '../../src/cli/prepare-plugins.ts'
import type { Broker } from '../../src/index.ts'
import { startBroker } from './broker.ts'
import { tempFolder } from './temp-folder.ts'

export interface Reply {
  readonly status: number
  // whatever the route answers: a test says what it expects of it
  // biome-ignore lint/suspicious/noExplicitAny: JSON of many shapes
  readonly body: any
}

/** A broker that is managed over its admin API, as an operator and as tenants. */
export class ManagedBroker {
  readonly broker: Broker
  readonly url: string
  readonly operator: string
  readonly #api: string

  private constructor(broker: Broker, url: string, operator: string) {
    this.broker = broker
    this.url = url
    this.operator = operator
    this.#api = broker.adminUrl ?? ''
  }

  /** @param operator a token that there is already. */
  static async start(config: Readonly<Record<string, unknown>> = {}, operator = ''): Promise<ManagedBroker> {
    const { broker, url } = await startBroker({ admin: { bind: '127.0.0.1:0' }, anonymous: true, ...config })
    const first = /^ {2}token +(\S+)/m.exec(broker.describe().join('\n'))?.[1]
    return new ManagedBroker(broker, url, first ?? operator)
  }

  async call(token: string, line: string, body?: unknown): Promise<Reply> {
    const [method = '', path = ''] = line.split(' ')
    const response = await fetch(`${this.#api}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : JSON.parse(text) }
  }

  /** What must be done is done. */
  async done(token: string, line: string, body?: unknown): Promise<Reply['body']> {
    const reply = await this.call(token, line, body)
    assert.ok(reply.status < 300, `${line}: ${reply.status} ${JSON.stringify(reply.body)}`)
    return reply.body
  }

  /** What `bulkhead` is told by its environment, to use this token here. */
  env(token: string): NodeJS.ProcessEnv {
    return { BULKHEAD_API: this.#api, BULKHEAD_TOKEN: token, HOME: '/nonexistent' }
  }

  /** A tenant whose clients' user names begin with its name and a colon. @returns a token of its deployer. */
  async tenant(name: string, settings: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const match = { usernamePrefix: `${name}:` }
    await this.done(this.operator, 'POST /v1/tenants', {
      name,
      settings: { match, anonymous: true, ...settings },
    })
    const wanted = { name: 'ci', role: 'tenant-admin' }
    return (await this.done(this.operator, `POST /v1/tenants/${name}/tokens`, wanted)).secret
  }

  /** Uploads what a plugin's source builds to. @returns its digest. */
  async upload(token: string, tenant: string, plugin: string, source: string): Promise<string> {
    const bundle = bundleText(
      await buildPlugin(`${tempFolder({ [`${plugin}/plugin.ts`]: source })}/${plugin}`),
    )
    return (await this.done(token, `POST /v1/tenants/${tenant}/plugins/${plugin}/versions`, { bundle }))
      .digest
  }

  /** Uploads, consents and lets serve. */
  async deploy(
    token: string,
    tenant: string,
    plugin: string,
    source: string,
    config = {},
  ): Promise<Reply['body']> {
    const digest = await this.upload(token, tenant, plugin, source)
    const at = `POST /v1/tenants/${tenant}/plugins/${plugin}/deploy`
    return this.done(token, at, { digest, config, consent: digest })
  }
}
