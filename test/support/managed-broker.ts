import assert from 'node:assert/strict'
import { bundleText } from '../../sandbox/bundle/bundle-file.ts'
import type { ShownShadow } from '../../src/cli/plugin/deploy.ts'
import { buildPlugin } from '../../src/cli/prepare-plugins.ts'
import type { Broker } from '../../src/index.ts'
import { startBroker } from './broker.ts'
import { tempFolder } from './temp-folder.ts'

export interface ApiDeployment {
  readonly digest: string
  readonly config: Readonly<Record<string, unknown>>
  readonly takenBack: string
}

/** All that some route answers: which of it is there depends on the route. A test says what it expects. */
export interface ApiBody {
  readonly code: string
  readonly detail: string
  readonly secret: string
  readonly digest: string
  readonly state: string
  readonly principal: string
  readonly serving: ApiDeployment
  readonly before: readonly ApiDeployment[]
  readonly candidate: { readonly digest: string; readonly state: string }
  readonly shadow: ShownShadow
  readonly widenings: readonly { readonly capability: string; readonly bound: string }[]
  readonly plugins: readonly { readonly serving: ApiDeployment; readonly state: string }[]
  readonly tenants: readonly { readonly name: string; readonly from: string; readonly state: string }[]
  readonly clients: readonly {
    readonly clientId: string
    readonly subscriptions: number
    readonly queued: number
  }[]
  readonly subscribed: readonly { readonly filter: string }[]
  readonly retained: readonly object[]
  readonly entries: readonly { readonly key: string; readonly value: string }[]
  readonly records: readonly { readonly tenant: string; readonly event: string; readonly where: string }[]
  readonly now: { readonly allowed: boolean }
  readonly match: Readonly<Record<string, string>>
  readonly topicDefault: string
  readonly quotas: Readonly<Record<string, number | string>>
}

export interface Reply {
  readonly status: number
  readonly body: ApiBody
}

const bundles = new Map<string, Promise<string>>()

/** The text of what a source builds to; built once. */
function bundleOf(plugin: string, source: string): Promise<string> {
  const key = `${plugin}\n${source}`
  const known = bundles.get(key)
  if (known !== undefined) return known
  const folder = tempFolder({ [`${plugin}/plugin.ts`]: source })
  const bundle = buildPlugin(`${folder}/${plugin}`).then(bundleText)
  bundles.set(key, bundle)
  return bundle
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
    return { status: response.status, body: JSON.parse(text === '' ? '{}' : text) as ApiBody }
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
    const bundle = await bundleOf(plugin, source)
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
