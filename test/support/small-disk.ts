import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'
import { tempFolder } from './temp-folder.ts'

/** A file system of its own for a test file, which can be filled, and unmounted with it; root's alone. */
export class SmallDisk {
  readonly folder: string
  readonly #mount: readonly string[]

  private constructor(mount: readonly string[]) {
    this.folder = mkdtempSync(path.join(tmpdir(), 'bulkhead-disk-'))
    this.#mount = mount
    after(() => {
      spawnSync('umount', ['--lazy', this.folder])
      rmdirSync(this.folder)
    })
  }

  /** In memory: it can be full. Null where nothing can be mounted. */
  static inMemory(size: string): SmallDisk | null {
    return SmallDisk.#mounted(['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs'])
  }

  /** An ext4 in a file: it can fail as a disk does. Null where there is no loop device, or no mkfs. */
  static inFile(size: string): SmallDisk | null {
    const image = path.join(tempFolder({}), 'image')
    const made = spawnSync('mkfs.ext4', ['-q', image, size], { stdio: 'ignore' })
    return made.status === 0 ? SmallDisk.#mounted(['-o', 'loop,errors=remount-ro', image]) : null
  }

  static #mounted(mount: readonly string[]): SmallDisk | null {
    const disk = new SmallDisk(mount)
    return disk.mount() ? disk : null
  }

  mount(): boolean {
    return spawnSync('mount', [...this.#mount, this.folder], { stdio: 'ignore' }).status === 0
  }

  /** False: somebody has a file of it open. */
  unmount(): boolean {
    return spawnSync('umount', [this.folder], { stdio: 'ignore' }).status === 0
  }

  /** What the kernel does to a disk whose journal fails: whoever writes to open files fails from here on. */
  failReadOnly(): void {
    spawnSync('mount', ['-o', 'remount,abort', this.folder], { stdio: 'ignore' })
  }

  /** Leaves not one byte. */
  fill(): void {
    const file = openSync(this.#filler, 'a')
    for (const bytes of [64 * 1024, 1]) {
      try {
        for (;;) writeSync(file, Buffer.alloc(bytes))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    }
    closeSync(file)
  }

  makeRoom(): void {
    rmSync(this.#filler)
  }

  get #filler(): string {
    return path.join(this.folder, 'fill')
  }
}
