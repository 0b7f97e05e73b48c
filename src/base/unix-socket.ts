import { once } from 'node:events'
import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import { connect, type Server } from 'node:net'
import { SOCKET_PATH_BYTES } from './limits.ts'

/**
 * Lets a server listen on a Unix socket. One that a killed process has left behind is replaced; what is no
 * socket, or is in use, is left alone.
 *
 * @param mode who may connect, as the permissions of a file.
 * @throws Error in words that begin with the path.
 */
export async function listenOnPath(server: Server, path: string, mode: number): Promise<void> {
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES) {
    throw new Error(`${path}: a socket's path has at most ${SOCKET_PATH_BYTES} bytes`)
  }
  await removeStale(path)
  // the socket is made within this call: nobody else can open it, not even for a moment
  const before = process.umask(0o777 & ~mode)
  try {
    server.listen(path)
  } finally {
    process.umask(before)
  }
  try {
    await once(server, 'listening')
    chmodSync(path, mode)
  } catch (cause) {
    throw new Error(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** A broker that was killed has left its socket behind; nobody listens on it. */
async function removeStale(path: string): Promise<void> {
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (there === undefined) return
  if (!there.isSocket()) throw new Error(`${path}: is there already, and no socket`)
  const isTaken = await new Promise<boolean>((resolve) => {
    const probe = connect(path, () => {
      probe.destroy()
      resolve(true)
    })
    probe.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED'))
  })
  if (isTaken) throw new Error(`${path}: is there already, and in use`)
  unlinkSync(path)
}
