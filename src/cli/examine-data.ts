import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs'
import path from 'node:path'
import { messageOf } from '../base/errors.ts'
import type { BrokerConfig } from '../config/broker-config.ts'

/** What keeps a broker's data. */
export interface DataFindings {
  readonly folder: string
  readonly durability: BrokerConfig['durability']
  /** Of what is kept; 0: the folder is not there yet. */
  readonly bytes: number
  /** What is free where it is, or is to be. */
  readonly freeBytes: number
}

/**
 * Looks at the data folder without touching it: a broker may be using it.
 *
 * @returns undefined: nothing outlives the process; a text: why it cannot be looked at.
 */
export function examineData({
  data,
  durability,
}: Pick<BrokerConfig, 'data' | 'durability'>): DataFindings | { readonly failure: string } | undefined {
  if (data === undefined || durability === 'memory') return undefined
  try {
    const { bavail, bsize } = statfsSync(nearestFolder(data))
    return { folder: data, durability, bytes: sizeOf(data), freeBytes: bavail * bsize }
  } catch (error) {
    return { failure: messageOf(error) }
  }
}

/** What is there of a path that is to be made. */
function nearestFolder(folder: string): string {
  let found = folder
  while (!existsSync(found) && path.dirname(found) !== found) found = path.dirname(found)
  return found
}

/** All files of a store lie beside each other. */
function sizeOf(folder: string): number {
  if (!existsSync(folder)) return 0
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0)
}
