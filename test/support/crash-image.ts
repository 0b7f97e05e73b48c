import { copyFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { dataFolder } from './sqlite-engine.ts'

const STORE_FILE = 'bulkhead.db'

/**
 * A data folder as a crash at this moment would leave it: another broker is started over it, while the one
 * that has `folder` goes on.
 *
 * @param sql is done to it, as if more time had passed.
 */
export function crashImage(folder: string, sql = ''): string {
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
  if (sql !== '') {
    const copy = new DatabaseSync(join(image, STORE_FILE))
    copy.exec(sql)
    copy.close()
  }
  return image
}
