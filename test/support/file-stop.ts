/**
 * Imported into the process of each file of a whole run. The runner bounds a test, not a file: a test that
 * fails and leaves a child process or a socket behind would hold its file open, and the run with it.
 */
const FILE_STOP_MS = 600_000

if (process.env['NODE_TEST_CONTEXT'] !== undefined) setTimeout(stop, FILE_STOP_MS).unref()

function stop(): never {
  const held = process.getActiveResourcesInfo().join(', ')
  console.error(`${process.argv[1]} did not end in ${FILE_STOP_MS} ms; what holds it open: ${held}`)
  process.exit(1)
}
