import { type ChildProcess, spawn } from 'node:child_process'
import { BulkheadError, messageOf } from '../../src/base/errors.ts'
import { BUILD_MS, BUILD_OUTPUT_MIB, BUILDS_AT_ONCE, BUILDS_WAITING } from '../limits.ts'
import { type BuildCommand, buildCommand } from './build-command.ts'
import type { BuildReply, BuildRequest } from './build-messages.ts'

let running = 0
const waiting: (() => void)[] = []

/**
 * Runs one build in a process of its own, when its turn comes.
 *
 * @param stopping ends it, or keeps it from beginning.
 * @throws BulkheadError ERR_PLUGIN_BUILD when too many builds wait already.
 */
export async function runBuilder(request: BuildRequest, stopping?: AbortSignal): Promise<BuildReply> {
  if (waiting.length >= BUILDS_WAITING)
    throw new BulkheadError('ERR_PLUGIN_BUILD', 'too many builds wait already')
  if (running >= BUILDS_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
  else running += 1
  try {
    const command = await buildCommand()
    if (stopping?.aborted === true) return { gaveUp: STOPPED }
    return await runOnce(command, request, stopping)
  } catch (error) {
    // too little memory for one more process, say
    return { gaveUp: `the builder does not start: ${messageOf(error)}` }
  } finally {
    // the place is handed on, so that nobody who comes between takes it
    const next = waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }
}

const STOPPED = 'nobody wants it any more'

async function runOnce(
  { file, args }: BuildCommand,
  request: BuildRequest,
  stopping: AbortSignal | undefined,
): Promise<BuildReply> {
  // its own process group: the bundler is a child of the builder, and both must go
  const builder = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'], env: {}, cwd: '/', detached: true })
  const { promise, resolve } = Promise.withResolvers<BuildReply>()
  const chunks: Buffer[] = []
  let bytes = 0
  let stopped: string | undefined
  const stop = (why: string): void => {
    stopped ??= why
    killGroup(builder)
  }
  builder.on('error', (error) => {
    stopped ??= `the builder does not start: ${error.message}`
    // without a process there are no pipes that could close
    if (builder.pid === undefined) resolve({ gaveUp: stopped })
  })
  if (builder.pid === undefined) return promise
  const onStop = (): void => stop(STOPPED)
  stopping?.addEventListener('abort', onStop)
  const clock = setTimeout(stop, BUILD_MS, `it took longer than ${BUILD_MS / 1000} s`)
  builder.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > BUILD_OUTPUT_MIB * 2 ** 20) stop(`it makes more than ${BUILD_OUTPUT_MIB} MiB`)
    else chunks.push(chunk)
  })
  builder.on('close', (_code, signal) => {
    clearTimeout(clock)
    stopping?.removeEventListener('abort', onStop)
    // the bundler may outlive the builder that started it
    killGroup(builder)
    resolve(stopped === undefined ? replyIn(Buffer.concat(chunks), signal) : { gaveUp: stopped })
  })
  builder.stdin.on('error', (error) => {
    stopped ??= `the builder takes no input: ${error.message}`
  })
  builder.stdin.end(JSON.stringify(request))
  return promise
}

function killGroup(builder: ChildProcess): void {
  if (builder.pid === undefined) return
  try {
    process.kill(-builder.pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function replyIn(output: Buffer, signal: NodeJS.Signals | null): BuildReply {
  if (output.length === 0)
    return { gaveUp: signal === null ? 'it ended without a word' : `it died of ${signal}` }
  try {
    return JSON.parse(output.toString()) as BuildReply
  } catch (error) {
    return { gaveUp: messageOf(error) }
  }
}
