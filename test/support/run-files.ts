import { after, test } from 'node:test'

/** A file as a whole, on a slow machine; its tests have their own, shorter. */
const FILE_STOP_MS = 600_000
/** All that tests have started has ended when their hooks have; a thread may still wind up. */
const END_STOP_MS = 30_000

/** Runs these files one after the other, each as a test that has its tests; `url` is the module's. */
export function runFiles(files: readonly { readonly file: string; readonly url: string }[]): void {
  // the runner bounds a test, not a process: what a failed test leaves behind would hold the whole run
  const names = files.map(({ file }) => file).join(', ')
  after(() => void setTimeout(stop, END_STOP_MS, names).unref())
  for (const { file, url } of files) test(file, { timeout: FILE_STOP_MS }, () => import(url))
}

function stop(names: string): never {
  const held = process.getActiveResourcesInfo().join(', ')
  console.error(`the process of ${names} did not end in ${END_STOP_MS} ms; what holds it open: ${held}`)
  process.exit(1)
}
