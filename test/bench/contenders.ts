import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createRequire, findPackageJSON } from 'node:module'
import { connect, createServer, type AddressInfo } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const ROOT = join(import.meta.dirname, '..', '..')
const START_MS = 120_000
/** A broker may have much to save when it is asked to stop. */
const STOP_MS = 120_000
const POLL_MS = 5
/** The end of what a contender says on stderr is shown when it does not start. */
const COMPLAINT_CHARS = 2000

export type ContenderId =
  | 'mosquitto'
  | 'aedes'
  | 'bare'
  | 'decided'
  | 'mosquitto-saved'
  | 'aedes-level'
  | 'fsync'
  | 'os'
  | 'log'

type Command = readonly [program: string, ...args: string[]]

/** What a row wants of a broker. */
export interface Occasion {
  readonly port: number
  /** Its own, and the same after a restart. */
  readonly folder: string
  /** It only makes what the next one starts with: when it saves that is its own affair. */
  readonly prepares: boolean
}

/** A broker under test. */
export interface Contender {
  readonly id: ContenderId
  readonly title: string
  /** `null`: it is not installed here. */
  readonly version: string | null
  /** The command that runs it on a port of 127.0.0.1; `null`: it is no broker, the generator works alone. */
  readonly command: ((occasion: Occasion) => Promise<Command>) | null
}

/** A contender at work. */
export interface Running {
  readonly port: number
  readonly pid: number
  /** How long it took to accept connections. */
  readonly startMs: number
  stop(): Promise<void>
}

const LISTENS: readonly string[] = [
  'allow_anonymous true',
  'set_tcp_nodelay true',
  'max_queued_messages 0',
  'log_dest none',
]

export const CONTENDERS: readonly Contender[] = [
  mosquitto('mosquitto', 'mosquitto', () => []),
  {
    id: 'aedes',
    title: 'aedes',
    version: packageVersion('aedes'),
    command: peer('aedes'),
  },
  bulkhead('bare', 'Bulkhead, no plugin', {}),
  bulkhead('decided', 'Bulkhead, a plugin decides', {
    plugins: { [join(import.meta.dirname, 'plugins', 'decide')]: {} },
  }),
  mosquitto('mosquitto-saved', 'mosquitto, saved at changes', ({ folder, prepares }) => [
    'persistence true',
    `persistence_location ${folder}/`,
    // started by root it would become somebody else, who may not write there
    `user ${userInfo().username}`,
    // what is only prepared is saved once, at the end: a million changes, saved one by one, take a day
    ...(prepares ? [] : ['autosave_on_changes true', 'autosave_interval 1']),
  ]),
  {
    id: 'aedes-level',
    title: 'aedes, level, never synced',
    version: optionalVersion('aedes-persistence-level', 'level'),
    command: peer('aedes-level'),
  },
  bulkhead('fsync', 'Bulkhead, durability fsync', { data: 'data', durability: 'fsync' }),
  bulkhead('os', 'Bulkhead, durability os', { data: 'data', durability: 'os' }),
  { id: 'log', title: 'a bare log, fdatasync a group', version: 'as measured', command: null },
]

function mosquitto(
  id: ContenderId,
  title: string,
  more: (occasion: Occasion) => readonly string[],
): Contender {
  return {
    id,
    title,
    version: mosquittoVersion(),
    async command(occasion) {
      const file = join(occasion.folder, 'mosquitto.conf')
      // queues without a bound, so that nothing is dropped, and no waiting for fuller segments
      const lines = [`listener ${occasion.port} 127.0.0.1`, ...LISTENS, ...more(occasion)]
      await writeFile(file, `${lines.join('\n')}\n`)
      return ['mosquitto', '-c', file]
    },
  }
}

function peer(name: string): (occasion: Occasion) => Promise<Command> {
  const program = join(import.meta.dirname, 'peers', `${name}.ts`)
  return async ({ port, folder }) => [process.execPath, program, String(port), join(folder, 'data')]
}

function bulkhead(id: ContenderId, title: string, { data, ...settings }: BrokerSettings): Contender {
  return {
    id,
    title,
    version: packageVersion('.'),
    async command({ port, folder }) {
      const file = join(folder, 'bulkhead.yaml')
      const listeners = { mqtt: { type: 'tcp', bind: `127.0.0.1:${port}` } }
      const config = { listeners, anonymous: true, ...settings }
      // JSON is YAML too
      const text = JSON.stringify(data === undefined ? config : { ...config, data: join(folder, data) })
      await writeFile(file, text)
      return [process.execPath, join(ROOT, 'src', 'cli', 'main.ts'), 'start', '-c', file]
    },
  }
}

interface BrokerSettings {
  readonly plugins?: Readonly<Record<string, object>>
  readonly data?: string
  readonly durability?: string
}

/**
 * Starts a contender and waits until it accepts connections.
 *
 * @param folder for its files; its own, and its maker's to remove.
 */
export async function start(
  contender: Contender,
  folder: string,
  prepares: boolean = false,
): Promise<Running> {
  const { title, command } = contender
  if (command === null) throw new Error(`${title} is no broker`)
  const port = await freePort()
  const [program, ...args] = await command({ port, folder, prepares })
  const began = performance.now()
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-COMPLAINT_CHARS)
  })
  await once(child, 'spawn')
  const stop = (): Promise<void> => stopProcess(child)
  try {
    await accepting(child, port)
  } catch (thrown) {
    await stop()
    throw new Error(`${title} does not start: ${complaint}`, { cause: thrown })
  }
  return { port, pid: child.pid as number, startMs: performance.now() - began, stop }
}

async function accepting(child: ChildProcess, port: number): Promise<void> {
  for (const end = performance.now() + START_MS; performance.now() < end; await sleep(POLL_MS)) {
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

/** The first one's version; null where one of them is not installed. They are not this package's own. */
function optionalVersion(...names: readonly [string, ...string[]]): string | null {
  const require = createRequire(import.meta.url)
  try {
    const [first = ''] = names.map((name) => require.resolve(`${name}/package.json`))
    return (JSON.parse(readFileSync(first, 'utf8')) as { version: string }).version
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return null
    throw thrown
  }
}

/** It has no option that prints its version alone, but its help begins with it. */
function mosquittoVersion(): string | null {
  const { error, stdout } = spawnSync('mosquitto', ['-h'], { encoding: 'utf8' })
  return error === undefined ? (/version (\S+)/.exec(stdout)?.[1] ?? 'of unknown version') : null
}
