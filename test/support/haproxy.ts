import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import path from 'node:path'
import { after } from 'node:test'

/** Why tests behind HAProxy are skipped here, or false. */
export const NO_HAPROXY: string | false =
  spawnSync('haproxy', ['-v']).error === undefined ? false : 'haproxy is not installed'

/** One way in: what the client meets, and what the broker does. */
export interface Way {
  /** Further words of `bind`, such as `ssl crt FILE`. */
  readonly bind?: string
  /** A Unix socket in place of a port. */
  readonly socketPath?: string
  /** Where the broker is: a port of the loopback, or the path of its Unix socket. */
  readonly to: number | string
  /** Further words of `server`, such as `send-proxy-v2`. */
  readonly send: string
}

/**
 * Starts HAProxy with these ways, in `folder`; it is gone when the test file ends. It gets its sockets from
 * here, listening already: the system chooses their ports, and who connects early waits.
 *
 * @returns their ports; of a Unix socket 0.
 */
export async function startHaproxy<Name extends string>(
  folder: string,
  ways: Readonly<Record<Name, Way>>,
): Promise<Readonly<Record<Name, number>>> {
  const servers: Server[] = []
  const ports: Record<string, number> = {}
  const lines = ['defaults', ' mode tcp', ' timeout connect 5s', ' timeout client 60s', ' timeout server 60s']
  for (const [name, { bind = '', socketPath, to, send }] of Object.entries<Way>(ways)) {
    const fd = FIRST_INHERITED + servers.length
    const at = socketPath === undefined ? `fd@${fd}` : `unix@${socketPath}`
    const target = typeof to === 'string' ? `unix@${to}` : `127.0.0.1:${to}`
    lines.push(`listen ${name}`, ` bind ${at} ${bind}`, ` server broker ${target} ${send}`)
    ports[name] = 0
    if (socketPath !== undefined) continue
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    servers.push(server)
    ports[name] = (server.address() as AddressInfo).port
  }
  const config = path.join(folder, 'haproxy.cfg')
  writeFileSync(config, `${lines.join('\n')}\n`)
  // in the foreground, so that it ends with its test
  const child = spawn('haproxy', ['-db', '-f', config], {
    stdio: ['ignore', 'ignore', 'pipe', ...servers.map(descriptorOf)],
  })
  for (const server of servers) server.close()
  child.on('error', () => undefined)
  child.stderr?.resume()
  after(() => child.kill('SIGKILL'))
  return ports as Record<Name, number>
}

/** Behind stdin, stdout and stderr. */
const FIRST_INHERITED = 3

/** Node tells the descriptor of what listens in no documented place. */
function descriptorOf(server: Server): number {
  const handle: unknown = Reflect.get(server, '_handle')
  return Number(Reflect.get(handle as object, 'fd'))
}
