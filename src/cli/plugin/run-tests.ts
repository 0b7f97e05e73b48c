import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { BulkheadError, messageOf } from '../../base/errors.ts'
import { EXIT } from '../exit-codes.ts'

const TEST = /\.test\.m?[jt]s$/

/**
 * Runs the tests of a plugin with this program's own Node, as `node --test` does; its exit code is theirs.
 *
 * @throws BulkheadError ERR_USAGE: there is no folder, or no test in it.
 */
export async function runTests(folder: string): Promise<void> {
  const files = await readdir(folder).catch((cause: unknown) => {
    throw new BulkheadError('ERR_USAGE', `${folder} cannot be read: ${messageOf(cause)}`, { cause })
  })
  const tests = files.filter((file) => TEST.test(file))
  if (tests.length === 0)
    throw new BulkheadError('ERR_USAGE', `${folder} has no test; write one into plugin.test.ts`)
  const paths = tests.map((file) => path.join(folder, file))
  const child = spawn(process.execPath, ['--test', ...paths], { cwd: folder, stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null]
  process.exitCode = code ?? EXIT.error
}
