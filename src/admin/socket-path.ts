import { lstatSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { BulkheadError } from '../base/errors.ts'

/** Where control sockets are: a folder that nobody else can look into. */
export function runtimeFolder(env: NodeJS.ProcessEnv = process.env): string {
  const runtime = env['XDG_RUNTIME_DIR']
  if (runtime !== undefined && path.isAbsolute(runtime)) return path.join(runtime, 'bulkhead')
  return path.join(tmpdir(), `bulkhead-${process.getuid?.() ?? 0}`)
}

/**
 * The control socket of this process, in a folder that is made if it is not there.
 *
 * @throws BulkheadError ERR_CONTROL where the folder is somebody else's, or open to others: in a shared
 * folder for temporary files anybody may have made it first.
 */
export function ownSocketPath(env: NodeJS.ProcessEnv = process.env): string {
  const folder = runtimeFolder(env)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { mode, uid } = lstatSync(folder)
  const isFolder = (mode & 0o170000) === 0o040000
  if (!isFolder || uid !== process.getuid?.() || (mode & 0o077) !== 0) {
    throw new BulkheadError('ERR_CONTROL', `${folder} must be a folder of this user's alone (chmod 0700)`)
  }
  return path.join(folder, `${process.pid}.sock`)
}
