import { parentPort, workerData } from 'node:worker_threads'
import { sha512Crypt } from './sha512-crypt.ts'

/** What the thread is given. */
export interface CryptWork {
  readonly password: Uint8Array
  readonly salt: Uint8Array
  readonly rounds: number
}

const { password, salt, rounds } = workerData as CryptWork
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, which has no origin
parentPort?.postMessage(sha512Crypt(password, salt, rounds))
