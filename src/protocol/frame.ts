import type { Framer } from '../codec/framer.ts'

/** One frame and where it lies: what a verb reads. A framer is one, until it goes on to the next. */
export type FrameView = Pick<Framer, 'buffer' | 'firstByte' | 'start' | 'body' | 'end'>

/** A frame put aside: the framer has gone on by the time it is read. */
export class Frame implements FrameView {
  readonly buffer: Buffer
  readonly firstByte: number
  readonly start: number
  readonly body: number
  readonly end: number

  constructor(framer: FrameView) {
    this.buffer = framer.buffer
    this.firstByte = framer.firstByte
    this.start = framer.start
    this.body = framer.body
    this.end = framer.end
  }
}
