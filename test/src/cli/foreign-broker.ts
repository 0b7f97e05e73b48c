import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'

/** Why tests against Debian's mosquitto are skipped here, or false. */
export const NO_FOREIGN_BROKER: string | false =
  spawnSync('mosquitto', ['-h']).error === undefined ? false : "Debian's package mosquitto is not installed"

/** A mosquitto on a port of its own, of which our clients know nothing. */
export class ForeignBroker {
  readonly port: number
  #child: ChildProcess
  readonly #folder: string

  private constructor(port: number, child: ChildProcess, folder: string) {
    this.port = port
    this.#child = child
    this.#folder = folder
  }

  /** Starts one that admits anybody, or with `acl` only lets publish and subscribe what it says. */
  static async start(
    more: readonly string[] = ['allow_anonymous true'],
    acl?: string,
  ): Promise<ForeignBroker> {
    const folder = mkdtempSync(path.join(tmpdir(), 'bulkhead-mosquitto-'))
    const port = await freePort()
    const lines = [`listener ${port} 127.0.0.1`, ...more]
    if (acl !== undefined) {
      writeFileSync(path.join(folder, 'acl'), acl, { mode: 0o644 })
      lines.push(`acl_file ${path.join(folder, 'acl')}`)
    }
    if (process.getuid?.() === 0) lines.push('user root')
    const file = path.join(folder, 'mosquitto.conf')
    writeFileSync(file, `${lines.join('\n')}\n`)
    return new ForeignBroker(port, await startMosquitto(file), folder)
  }

  /** Is killed, and clients find nobody on its port. */
  async kill(): Promise<void> {
    const { exitCode, signalCode } = this.#child
    this.#child.kill('SIGKILL')
    if (exitCode === null && signalCode === null) await once(this.#child, 'exit')
  }

  /** Comes back on its port, after it was killed. */
  async restart(): Promise<void> {
    this.#child = await startMosquitto(path.join(this.#folder, 'mosquitto.conf'))
  }

  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true })
  }
}

async function startMosquitto(configFile: string): Promise<ChildProcess> {
  const child = spawn('mosquitto', ['-v', '-c', configFile], { stdio: ['ignore', 'ignore', 'pipe'] })
  // whoever started it may fail before it stops it
  process.once('exit', () => child.kill('SIGKILL'))
  for await (const line of createInterface({ input: child.stderr })) {
    if (line.includes('running')) break
  }
  child.stderr.resume()
  return child
}

/** mosquitto cannot choose a port itself. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
