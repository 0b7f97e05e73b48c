import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'
import { after } from 'node:test'
import { tempFolder } from './temp-folder.ts'

/**
 * An ext4 in a file, which can be full, and fail, as disks do. It is mounted in a namespace of its own: a
 * jail that is raised meanwhile would take a copy of the mount along, and who has one keeps a disk from being
 * unmounted. It is gone when the test file ends, however that ends.
 */
export class SmallDisk {
  /** Where it is mounted, for who runs {@link inside}. */
  readonly folder: string
  readonly #holder: ChildProcess
  readonly #image: string

  private constructor(holder: ChildProcess, image: string) {
    this.#holder = holder
    this.#image = image
    this.folder = tempFolder({})
    after(() => holder.kill('SIGKILL'))
  }

  /** @returns null: it needs root, namespaces, mkfs.ext4 and a loop device. */
  static async open(size: string): Promise<SmallDisk | null> {
    const image = path.join(tempFolder({}), 'image')
    if (spawnSync('mkfs.ext4', ['-q', image, size], { stdio: 'ignore' }).status !== 0) return null
    // it ends when nobody is left to write to it
    const holder = spawn('unshare', ['--mount', 'sh', '-c', 'echo; exec cat'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    const disk = new SmallDisk(holder, image)
    const isThere = once(holder.stdout, 'data').then(() => true)
    const isRefused = once(holder, 'exit').then(() => false)
    return (await Promise.race([isThere, isRefused])) && disk.mount() ? disk : null
  }

  /** In front of a program's line: it runs where the disk is. */
  get inside(): readonly string[] {
    return ['nsenter', '--mount', `--target=${this.#holder.pid}`]
  }

  /** Of the files in there, as this process finds them. */
  get root(): string {
    return `/proc/${this.#holder.pid}/root`
  }

  mount(): boolean {
    return this.#run('mount', '-o', 'loop,errors=remount-ro', this.#image, this.folder)
  }

  /** @returns false: somebody has a file of it open. */
  unmount(): boolean {
    return this.#run('umount', this.folder)
  }

  /** What the kernel does to a disk whose journal fails: writing to open files fails, too. */
  failReadOnly(): boolean {
    return this.#run('mount', '-o', 'remount,abort', this.folder)
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
    return path.join(this.root, this.folder, 'fill')
  }

  #run(...line: readonly string[]): boolean {
    const [file = '', ...args] = [...this.inside, ...line]
    return spawnSync(file, args, { stdio: 'ignore' }).status === 0
  }
}
