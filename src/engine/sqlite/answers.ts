import type { AuditRecord, DocumentsChanged, KvEntry, KvWritten, StoredDocument } from '../engine.ts'

/** What the storage thread is given: a batch, to be done whole or not at all. */
export interface Batch {
  /** Numbers grow by one; the thread has done a batch at most once, whoever asks for it again. */
  readonly number: number
  /** Operations, as `operations.ts` writes them. */
  readonly bytes: Uint8Array
}

/** A message of a queue, as it was written down. */
export interface StoredEntry {
  readonly place: number
  readonly body: Uint8Array
  /** What it was sent as; null: as it is. */
  readonly form: Uint8Array | null
  readonly how: string
  /** 0: it was not sent under one. */
  readonly packetId: number
  /** 0: it is not; else what grows in the order of PUBRECs. */
  readonly released: number
}

/** What an operation that asks for something is answered, by the number that it brought along. */
export interface Answer {
  readonly ask: number
  readonly value: AnswerValue
}

export type AnswerValue =
  | KvEntry
  | KvWritten
  | StoredDocument
  | DocumentsChanged
  /** A digest, or 'full'. */
  | string
  | null
  | Uint8Array
  | undefined
  | readonly StoredDocument[]
  | readonly KvEntry[]
  | ReadonlyMap<string, number>
  | readonly StoredEntry[]
  | readonly AuditRecord[]

/** What the storage thread says. */
export type FromThread =
  | { readonly kind: 'tenants'; readonly documents: readonly StoredDocument[] }
  | {
      readonly kind: 'restored'
      readonly sessions: readonly StoredRow[]
      readonly retained: RetainedRows | null
    }
  | { readonly kind: 'ready'; readonly lastBatch: number; readonly lastMid: number }
  /** `answers` null: it was done already, and what it asked for is not known any more. */
  | { readonly kind: 'committed'; readonly number: number; readonly answers: readonly Answer[] | null }
  /** The folder cannot be used; it will be tried again, and so will the batch that is under way. */
  | { readonly kind: 'failed'; readonly why: string }
  /** It can be used again, and no batch is under way that would tell. */
  | { readonly kind: 'mended' }
  /** It cannot be done, and would not be however often it is tried: the thread has ended. */
  | { readonly kind: 'broken'; readonly why: string }
  /** The store cannot be opened. */
  | { readonly kind: 'refused'; readonly code: 'ERR_STORE'; readonly why: string }
  | { readonly kind: 'closed' }

/** What the storage thread hears. */
export type ToThread = { readonly kind: 'batch'; readonly batch: Batch } | { readonly kind: 'close' }

/** A session as it lies in the store. */
export interface StoredRow {
  readonly sid: number
  readonly tenant: string
  readonly client: string
  readonly epoch: number
  readonly about: string
  readonly expiresAt: number
  readonly subscriptions: readonly (readonly [filter: string, how: string])[]
  /** What of its queue was sent, and the first of the rest; more may follow behind the last. */
  readonly queue: readonly StoredEntry[]
  readonly queued: number
  /** Of the bodies behind those. */
  readonly queuedBytes: number
  readonly lastPlace: number
  readonly received: readonly number[]
  readonly will: { readonly body: Uint8Array; readonly how: string } | null
}

/** Some retained messages of one tenant. */
export interface RetainedRows {
  readonly tenant: string
  readonly topics: readonly string[]
  /** How long the body of each is, … */
  readonly sizes: readonly number[]
  /** … one behind the other. */
  readonly bodies: Uint8Array
}

export interface RetainedRow {
  readonly tenant: string
  readonly topic: string
  readonly body: Uint8Array
}
