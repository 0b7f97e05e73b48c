import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'

/** Debian keeps the programs of each version apart. */
const VERSIONS = '/usr/lib/postgresql'
const BIN = join(VERSIONS, existsSync(VERSIONS) ? (readdirSync(VERSIONS).toSorted().at(-1) ?? '') : '', 'bin')
const POSTGRES = userNumber('postgres')

/** Why tests with a PostgreSQL server are skipped here, or false. */
export const NO_POSTGRES: string | false = existsSync(join(BIN, 'postgres'))
  ? process.getuid?.() === 0 && POSTGRES === undefined && 'there is no user postgres to run the server'
  : 'postgresql is not installed'

/** A server of the test's own. */
export interface PostgresServer {
  /** Of its Unix socket, which is all that it listens on. */
  readonly socketFolder: string
  /** For `databases` of a config. */
  readonly url: string
  /** Runs statements as its owner. */
  sql(text: string): void
  stop(): Promise<void>
  start(): Promise<void>
}

/**
 * Starts a server in a temporary folder; it is gone when the test file ends. The user of its `url` may read
 * alone.
 */
export async function startPostgres(schema: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-pg-'))
  // no root may run a server; whoever does must own its folder
  const owner = process.getuid?.() === 0 ? POSTGRES : undefined
  if (owner !== undefined) chownSync(folder, owner, owner)
  chmodSync(folder, 0o755)
  const data = join(folder, 'data')
  const as = owner === undefined ? {} : { uid: owner, gid: owner }
  const run = (program: string, args: readonly string[], input?: string): void => {
    const { status, stderr } = spawnSync(join(BIN, program), args, {
      ...as,
      input,
      cwd: folder,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`${program}: ${stderr}`)
  }
  run('initdb', ['-D', data, '-U', 'owner', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--no-instructions'])
  const sql = (text: string): void =>
    run('psql', ['-h', folder, '-U', 'owner', '-q', '-v', 'ON_ERROR_STOP=1', 'postgres'], text)
  let server: ReturnType<typeof spawn> | undefined
  const start = async (): Promise<void> => {
    const args = ['-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'fsync=off']
    const child = spawn(join(BIN, 'postgres'), args, {
      ...as,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    server = child
    let said = ''
    for await (const chunk of child.stderr as AsyncIterable<Buffer>) {
      said += chunk.toString()
      if (said.includes('ready to accept connections')) break
    }
    if (child.exitCode !== null) throw new Error(said)
  }
  const stop = async (): Promise<void> => {
    if (server === undefined || server.exitCode !== null) return
    const ended = once(server, 'exit')
    server.kill('SIGINT')
    await ended
  }
  after(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })
  await start()
  sql(`CREATE ROLE reader LOGIN; ${schema}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;`)
  return {
    socketFolder: folder,
    url: `postgres://reader@localhost/postgres?host=${folder}`,
    sql,
    stop,
    start,
  }
}

function userNumber(name: string): number | undefined {
  const { status, stdout } = spawnSync('id', ['-u', name], { encoding: 'utf8' })
  return status === 0 ? Number(stdout) : undefined
}
