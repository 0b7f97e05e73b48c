import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const ROOT = join(import.meta.dirname, '..', '..')
const START_MS = 60_000
const STOP_MS = 5000
/** The end of what a contender says on stderr is shown when it does not start. */
const COMPLAINT_CHARS = 2000

/** A broker under test. */
export interface Contender {
  readonly id: 'mosquitto' | 'aedes' | 'bare' | 'decided'
  readonly title: string
  /** `null`: it is not installed here. */
  readonly version: string | null
  /** The command that runs it on a port of 127.0.0.1; `folder` is its own and goes with it. */
  command(port: number, folder: string): Promise<readonly [program: string, ...args: string[]]>
}

/** A contender at work. */
export interface Running {
  readonly port: number
  readonly pid: number
  stop(): Promise<void>
}

const mosquitto: Contender = {
  id: 'mosquitto',
  title: 'mosquitto',
  version: mosquittoVersion(),
  async command(port, folder) {
    const file = join(folder, 'mosquitto.conf')
    // queues without a bound, so that nothing is dropped, and no waiting for fuller segments
    const lines = [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous true',
      'set_tcp_nodelay true',
      'max_queued_messages 0',
    ]
    await writeFile(file, `${lines.join('\n')}\nlog_dest none\n`)
    return ['mosquitto', '-c', file]
  },
}

const aedes: Contender = {
  id: 'aedes',
  title: 'aedes',
  version: packageVersion('aedes'),
  command: async (port) => [process.execPath, join(import.meta.dirname, 'peers', 'aedes.ts'), String(port)],
}

export const CONTENDERS: readonly Contender[] = [
  mosquitto,
  aedes,
  bulkhead('bare', 'Bulkhead, no plugin', {}),
  bulkhead('decided', 'Bulkhead, a plugin decides', { [join(import.meta.dirname, 'plugins', 'decide')]: {} }),
]

function bulkhead(
  id: 'bare' | 'decided',
  title: string,
  plugins: Readonly<Record<string, object>>,
): Contender {
  return {
    id,
    title,
    version: packageVersion('.'),
    async command(port, folder) {
      const file = join(folder, 'bulkhead.yaml')
      // JSON is YAML too
      const listeners = { mqtt: { type: 'tcp', bind: `127.0.0.1:${port}` } }
      await writeFile(file, JSON.stringify({ listeners, anonymous: true, plugins }))
      return [process.execPath, join(ROOT, 'src', 'cli', 'main.ts'), 'start', '-c', file]
    },
  }
}

/** Starts a contender and waits until it accepts connections. */
export async function start(contender: Contender): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-bench-'))
  const port = await freePort()
  const [program, ...args] = await contender.command(port, folder)
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-COMPLAINT_CHARS)
  })
  await once(child, 'spawn')
  const stop = async (): Promise<void> => {
    await stopProcess(child)
    await rm(folder, { recursive: true })
  }
  try {
    await accepting(child, port)
  } catch (thrown) {
    await stop()
    throw new Error(`${contender.title} does not start: ${complaint}`, { cause: thrown })
  }
  return { port, pid: child.pid as number, stop }
}

async function accepting(child: ChildProcess, port: number): Promise<void> {
  for (const end = performance.now() + START_MS; performance.now() < end; await sleep(20)) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
    if (await accepts(port)) return
  }
  throw new Error(`nothing listens on its port after ${START_MS} ms`)
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const { promise, resolve } = Promise.withResolvers<boolean>()
  socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
  const answer = await promise
  socket.destroy()
  return answer
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(late)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** @param specifier a package's name; `.` is this one. */
function packageVersion(specifier: string): string {
  const file = findPackageJSON(specifier, import.meta.url)
  if (file === undefined) throw new Error(`${specifier} has no package.json`)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

/** It has no option that prints its version alone, but its help begins with it. */
function mosquittoVersion(): string | null {
  const { error, stdout } = spawnSync('mosquitto', ['-h'], { encoding: 'utf8' })
  return error === undefined ? (/version (\S+)/.exec(stdout)?.[1] ?? 'of unknown version') : null
}
