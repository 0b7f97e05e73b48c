import type { LoadSettings } from '../wire/messages.ts'
import { bytes } from './byte-fields.ts'
import type { Call } from './call.ts'
import { fetchResponse } from './fetch-response.ts'
import type { Outbox } from './outbox.ts'
import { decodeBase64, define, emptyRecord, freeze, parseJson, toJson, toText } from './primordials.ts'
import { directories, query } from './source-powers.ts'
import type { Timers } from './timers.ts'
import { topicMatches } from '../wire/topic-grant.ts'
import { refusal } from './refusal.ts'

type Plain = Record<string, unknown>

/** What `ctx` has, by capability: made for the call that looks at it. */
export type PowerFacades = Record<PropertyKey, ((call: Call) => unknown) | undefined>

/**
 * The powers as a plugin sees them. They only gather what the host is to do: the host checks every argument
 * again, so that what is checked here is for the author's sake.
 */
export function powerFacades(settings: LoadSettings, outbox: Outbox, timers: Timers): PowerFacades {
  const { powers } = settings
  const all: PowerFacades = {
    kv: (call) => kv(outbox, call),
    fetch: (call) => (url: unknown, init?: Plain) =>
      outbox.ask(call, 'fetch', { ...request(init), url: toText(url) }, fetchResponse),
    timers: (call) => timers.facade(call),
    sessions: (call) => sessions(outbox, call),
    retained: (call) => retained(outbox, call),
    subscriptions: (call) => subscriptions(outbox, call),
    subscribe: (call) => (clientId: unknown, filter: unknown, qos?: unknown) =>
      outbox.ask(call, 'subscribe', { clientId, filter, qos }, asIs),
    access: (call) => access(outbox, call),
    crypto: (call) => crypto(outbox, call),
    publish: (call) => (publication: Plain) =>
      publish(outbox, call, powers['publish'] as PublishGrant, publication),
    metrics: (call) => metrics(outbox, call),
    query: (call) => query(outbox, call),
    ldap: (call) => directories(outbox, call),
  }
  const granted: PowerFacades = emptyRecord()
  for (const name in all) if (powers[name] !== undefined) granted[name] = all[name]
  return granted
}

function kv(outbox: Outbox, call: Call): object {
  const ask = (argument: Plain, read: (value: unknown) => unknown): Promise<unknown> =>
    outbox.ask(call, 'kv', argument, read)
  return freeze({
    get: (key: unknown) => ask({ op: 'get', key }, (found) => (found === null ? undefined : entry(found))),
    // a value is stored as the text that it is written with: nobody but its plugin ever parses it
    set: (key: unknown, value: unknown, options?: Plain) =>
      ask({ op: 'set', key, value: toJson(value), ifVersion: options?.['ifVersion'] }, asIs),
    delete: (key: unknown, options?: Plain) =>
      ask({ op: 'delete', key, ifVersion: options?.['ifVersion'] }, asIs),
    list: (prefix: unknown, options?: Plain) =>
      ask({ op: 'list', prefix, limit: options?.['limit'], after: options?.['after'] }, (found) => {
        const list = found as Plain[]
        for (let index = 0; index < list.length; index += 1) entry(list[index])
        return list
      }),
  })
}

function entry(found: unknown): unknown {
  const stored = found as Plain
  stored['value'] = parseJson(stored['value'] as string)
  return stored
}

function sessions(outbox: Outbox, call: Call): object {
  const ask = (argument: Plain): Promise<unknown> => outbox.ask(call, 'sessions', argument, orUndefined)
  return freeze({
    get: (clientId: unknown) => ask({ op: 'get', clientId }),
    list: (options?: Plain) => ask({ op: 'list', limit: options?.['limit'], after: options?.['after'] }),
  })
}

function retained(outbox: Outbox, call: Call): object {
  return freeze({
    get: (topic: unknown) =>
      outbox.ask(call, 'retained', { op: 'get', topic }, (found) =>
        found === null ? undefined : withBytes(found as Plain),
      ),
    list: (filter: unknown, options?: Plain) =>
      outbox.ask(call, 'retained', { op: 'list', filter, limit: options?.['limit'] }, (found) => {
        const list = found as Plain[]
        for (let index = 0; index < list.length; index += 1) withBytes(list[index] as Plain)
        return list
      }),
  })
}

function subscriptions(outbox: Outbox, call: Call): object {
  return freeze({
    ofClient: (clientId: unknown) => outbox.ask(call, 'subscriptions', { op: 'ofClient', clientId }, asIs),
    matching: (topic: unknown) => outbox.ask(call, 'subscriptions', { op: 'matching', topic }, asIs),
  })
}

function access(outbox: Outbox, call: Call): object {
  return freeze({
    invalidate: (what: unknown) => {
      const { clientId, tag } = what as Plain
      return outbox.ask(call, 'access', { clientId, tag }, asIs)
    },
  })
}

function crypto(outbox: Outbox, call: Call): object {
  const ask = (argument: Plain, read: (value: unknown) => unknown): Promise<unknown> =>
    outbox.ask(call, 'crypto', argument, read)
  return freeze({
    digest: (name: unknown, data: unknown) => ask({ op: 'digest', name, ...bytes('data', data) }, asBytes),
    hmac: (name: unknown, key: unknown, data: unknown) =>
      ask({ op: 'hmac', name, ...keyField(key), ...bytes('data', data) }, asBytes),
    verifyJwt: (token: unknown, key: unknown, options: unknown) =>
      ask({ op: 'verifyJwt', token, key, options }, asIs),
    verifyPassword: (password: unknown, hash: unknown) =>
      ask({ op: 'verifyPassword', ...bytes('password', password), hash }, (found) => {
        return (found as { matches: boolean }).matches
      }),
    randomBytes: (size: unknown) => ask({ op: 'randomBytes', size }, asBytes),
  })
}

function metrics(outbox: Outbox, call: Call): object {
  return freeze({
    count: (name: unknown, by: unknown = 1) =>
      outbox.leave(call, 'metrics', { op: 'count', name, value: by }),
    gauge: (name: unknown, value: unknown) => outbox.leave(call, 'metrics', { op: 'gauge', name, value }),
  })
}

interface PublishGrant {
  readonly topics: readonly string[]
}

function publish(outbox: Outbox, call: Call, grant: PublishGrant, publication: Plain): void {
  const { topic, qos, retain, properties } = publication
  if (typeof topic !== 'string') throw refusal('invalid', 'ctx.publish: topic is a string')
  if (!isGranted(grant, topic)) {
    outbox.note('publish', `topic ${topic}`)
    throw refusal('notAllowed', 'ctx.publish: the topic is outside of what was granted')
  }
  const payload = bytes('payload', publication['payload'])
  outbox.leave(call, 'publish', { topic, ...payload, qos, retain, properties })
}

function isGranted({ topics }: PublishGrant, topic: string): boolean {
  for (let index = 0; index < topics.length; index += 1) {
    if (topicMatches(topics[index] as string, topic)) return true
  }
  return false
}

/** What of a request crosses; text stays text, bytes travel as base64. */
function request(init: Plain | undefined): Plain {
  if (init === undefined) return {}
  return { method: init['method'], headers: init['headers'], ...bytes('body', init['body']) }
}

function keyField(key: unknown): Plain {
  const isSecret = typeof key === 'object' && key !== null && 'secret' in key
  return isSecret ? { key } : bytes('key', key)
}

function asBytes(value: unknown): unknown {
  return decodeBase64((value as { bytes64: string }).bytes64)
}

function withBytes(found: Plain): Plain {
  const { payload64 } = found
  if (typeof payload64 !== 'string') return found
  delete found['payload64']
  define(found, 'payload', { value: decodeBase64(payload64), writable: true, enumerable: true })
  return found
}

function asIs(value: unknown): unknown {
  return value
}

/** JSON has no `undefined`; that nothing was found is said by `null`. */
function orUndefined(value: unknown): unknown {
  return value === null ? undefined : value
}
