/**
 * Imported into each process of a whole run. The runner bounds a test, not a process: a test that fails and
 * leaves a child process or a socket behind would hold its process open, and the run with it.
 */
import { after } from 'node:test'

/** As long as the slowest file takes on a slow machine, and longer. */
const FILE_STOP_MS = 600_000
/** All that a test stops has ended when its hooks have; a thread may still wind up. */
const END_STOP_MS = 30_000

if (process.env['NODE_TEST_CONTEXT'] !== undefined) {
  setTimeout(stop, FILE_STOP_MS, FILE_STOP_MS).unref()
  after(() => void setTimeout(stop, END_STOP_MS, END_STOP_MS).unref())
}

function stop(waitedMs: number): never {
  const held = process.getActiveResourcesInfo().join(', ')
  console.error(`${process.argv[1]} did not end in ${waitedMs} ms; what holds it open: ${held}`)
  process.exit(1)
}
