import { copyFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { dataFolder } from './sqlite-engine.ts'

const STORE_FILE = 'bulkhead.db'

/** A data folder as a crash at this moment would leave it; the broker over `folder` goes on. */
export function crashImage(folder: string): string {
  const image = dataFolder()
  const original = new DatabaseSync(join(folder, STORE_FILE), { readOnly: true })
  try {
    // what is in the log stays there as long as somebody reads
    original.exec('BEGIN; SELECT count(*) FROM session')
    for (const suffix of ['', '-wal']) {
      copyFileSync(join(folder, `${STORE_FILE}${suffix}`), join(image, `${STORE_FILE}${suffix}`))
    }
  } finally {
    original.close()
  }
  return image
}
