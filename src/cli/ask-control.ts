import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import path from 'node:path'
import { runtimeFolder } from '../admin/socket-path.ts'
import { BulkheadError, messageOf } from '../base/errors.ts'
import { ADMIN, CONTROL_REQUEST_MS } from '../base/limits.ts'
import { loadConfig } from '../config/load-config.ts'

/** Where the broker is to be found, as the command line says. */
export interface ControlPlace {
  readonly socket?: string
  /** A config file, whose `controlSocket` it is. */
  readonly config?: string
}

/**
 * Asks the running broker.
 *
 * @returns the body of its answer; a status of 404 is `undefined`.
 * @throws BulkheadError ERR_CONTROL: no broker answers there, or more than one could be meant; ERR_USAGE: the
 * broker does not understand the question.
 */
export async function askControl(place: ControlPlace, target: string): Promise<unknown> {
  return read(await oneReply(place, target))
}

/**
 * Tells the one running broker that is meant, when it is known which that is.
 *
 * @returns the socket on which it was told, and the body of its answer.
 * @throws BulkheadError as {@link askControl}.
 */
export async function tellControl(
  place: ControlPlace,
  target: string,
): Promise<{ readonly socket: string; readonly body: unknown }> {
  const { socket } = await oneReply(place, '/v1/status')
  const reply = await tryAsking(socket, target, 'POST')
  if (reply === null) throw new BulkheadError('ERR_CONTROL', `the broker at ${socket} has ended meanwhile`)
  return { socket, body: read(reply) }
}

/**
 * Sends any request to the one running broker that is meant.
 *
 * @throws BulkheadError ERR_CONTROL
 */
export async function sendControl(
  place: ControlPlace,
  { method = 'GET', path: target, body }: { method?: string; path: string; body?: unknown },
): Promise<Pick<Reply, 'status' | 'text'>> {
  const { socket } = await oneReply(place, '/v1/status')
  const reply = await tryAsking(socket, target, method, body)
  if (reply === null)
    throw new BulkheadError('ERR_CONTROL', `the broker at ${socket} does not answer in time`)
  return reply
}

/**
 * What the broker goes on saying, in pieces of any size.
 *
 * @throws BulkheadError as {@link sendControl}.
 */
export async function* streamControl(place: ControlPlace, target: string): AsyncGenerator<string, void> {
  const { socket } = await oneReply(place, '/v1/status')
  const asking = request({ socketPath: socket, path: target })
  asking.end()
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  response.setEncoding('utf8')
  for await (const chunk of response) yield String(chunk)
}

/** Whether a broker answers there. */
export async function answersControl(socket: string): Promise<boolean> {
  return (await tryAsking(socket, '/v1/status')) !== null
}

async function oneReply(place: ControlPlace, target: string): Promise<Reply> {
  const found = await socketsAt(place)
  const answers = await Promise.all(found.map((socket) => tryAsking(socket, target)))
  const live = answers.filter((answer) => answer !== null)
  const [answer] = live
  if (answer === undefined) {
    const where = found.length === 0 ? runtimeFolder() : found.join(', ')
    throw new BulkheadError('ERR_CONTROL', `no broker of this user answers at ${where}; name it by --socket`)
  }
  if (live.length > 1) {
    const sockets = live.map(({ socket }) => socket).join(', ')
    throw new BulkheadError('ERR_CONTROL', `several brokers run: choose one by --socket, of ${sockets}`)
  }
  return answer
}

interface Reply {
  readonly socket: string
  readonly status: number
  readonly text: string
}

async function socketsAt({ socket, config }: ControlPlace): Promise<readonly string[]> {
  if (socket !== undefined) return [path.resolve(socket)]
  if (config !== undefined) {
    const { controlSocket } = (await loadConfig(config)).config
    if (controlSocket === 'off') throw new BulkheadError('ERR_CONTROL', `${config}: controlSocket is off`)
    if (controlSocket !== undefined) return [controlSocket]
  }
  const folder = runtimeFolder()
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.sock'))
      .map((name) => path.join(folder, name))
  } catch {
    // nobody has started a broker here: the folder is not there
    return []
  }
}

/** @returns null: nobody answers. */
function tryAsking(socket: string, target: string, method = 'GET', body?: unknown): Promise<Reply | null> {
  const { promise, resolve } = Promise.withResolvers<Reply | null>()
  const headers = body === undefined ? {} : { 'content-type': 'application/json' }
  const timeout = method === 'GET' ? CONTROL_REQUEST_MS : ADMIN.requestMs
  const options = { socketPath: socket, path: target, method, timeout, headers }
  const asking = request(options, (response) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => (text += chunk))
    response.on('end', () => resolve({ socket, status: response.statusCode ?? 0, text }))
    response.on('error', () => resolve(null))
  })
  asking.on('timeout', () => asking.destroy())
  asking.on('error', () => resolve(null))
  asking.end(body === undefined ? undefined : JSON.stringify(body))
  return promise
}

function read({ socket, status, text }: Reply): unknown {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (cause) {
    throw new BulkheadError('ERR_CONTROL', `${socket} answers no JSON: ${messageOf(cause)}`, { cause })
  }
  if (status < 300) return body
  const { detail } = body as { readonly detail?: unknown }
  if (status === 404) throw new BulkheadError('ERR_CONTROL', String(detail))
  throw new BulkheadError('ERR_USAGE', String(detail))
}
