import assert from 'node:assert/strict'
import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { FileWatch } from '../../../src/base/file-watch.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const EVERY_MS = 5
/** A change that is not told in so long was made before the first look had ended. */
const UNSEEN_MS = 5000

/** A watch over some files, and a wait for the next change that it tells. */
class Watched {
  told = 0
  #heard = 0

  constructor(...files: readonly string[]) {
    const watch = new FileWatch(files, EVERY_MS, () => {
      this.told += 1
    })
    after(() => watch.close())
  }

  async next(): Promise<void> {
    while (this.told === this.#heard) await sleep(EVERY_MS)
    this.#heard = this.told
  }

  /** Writes until that is told: what was there before the first look has not changed. */
  async first(write: () => void): Promise<void> {
    for (let waitedMs = 0; this.told === 0; waitedMs += EVERY_MS) {
      if (waitedMs % UNSEEN_MS === 0) write()
      await sleep(EVERY_MS)
    }
    await this.next()
  }
}

test('a file that is written, replaced or taken away has changed; others have not', async () => {
  const folder = tempFolder({ a: 'one', b: 'one' })
  const [a, b] = [path.join(folder, 'a'), path.join(folder, 'b')]
  const watch = new Watched(a, b)
  await watch.first(() => appendFileSync(a, 'two!'))
  writeFileSync(path.join(folder, 'new'), 'two!')
  renameSync(path.join(folder, 'new'), b)
  await watch.next()
  rmSync(a)
  await watch.next()
  assert.equal(watch.told, 3)
})
