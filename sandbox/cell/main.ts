import { readSync, writeSync } from 'node:fs'
import { FrameReader } from '../wire/frames.ts'
import { Cell } from './cell.ts'
import { PluginIsolate } from './isolate.ts'

/**
 * The cell's whole life: read what the broker sent, answer frame by frame, end with the broker. It blocks on
 * the one descriptor that it has; there is nothing else to wait for, and a loop without an event loop in it
 * is both the fastest and the one with the least to attack.
 */
declare const MAX_FRAME_BYTES: number
const BROKER = 3

const chunk = new Uint8Array(65_536)
const reader = new FrameReader(MAX_FRAME_BYTES)
const cell = new Cell(send, (heapMiB) => new PluginIsolate(heapMiB))

for (let size = readSync(BROKER, chunk); size > 0; size = readSync(BROKER, chunk)) {
  reader.push(chunk.subarray(0, size))
  let found = reader.next()
  for (; found === 'frame'; found = reader.next()) cell.handle(reader.header, reader.body)
  if (found === 'malformed') throw new Error('a malformed frame from the broker')
}

function send(bytes: Uint8Array): void {
  for (let sent = 0; sent < bytes.length; ) sent += writeSync(BROKER, bytes, sent, bytes.length - sent)
}
