import type { CapabilityErrorCode } from '../../sdk/powers.ts'
import type { SandboxLimits } from '../../limits.ts'
import type { CapabilityRequest } from '../../manifest/manifest.ts'

/** Who uses a power, and how much of it was granted: all that a power may know of its user. */
export interface Holder {
  readonly tenant: string
  /** The name in the operator's config. */
  readonly plugin: string
  /** What was granted of this power: `true`, or its bounds. */
  readonly grant: CapabilityRequest
  readonly limits: SandboxLimits
  /** Whether payloads may cross to it. */
  readonly seesPayload: boolean
  /** The operator's secrets for this plugin. They never cross the wall, nor stand in an error. */
  readonly secrets: Readonly<Record<string, string>>
}

/**
 * One power in one plugin's hands. Its arguments are parsed JSON from a hostile process, unchecked: each
 * checks them again, field by field, whatever the guest has checked.
 */
export interface Power {
  /**
   * Does what is asked and gives what came of it, as plain JSON data.
   *
   * @param signal is aborted when nobody waits any more: past `waitMs`, or when the isolate is gone.
   * @throws Refusal what the plugin is told; anything else is our bug, and the plugin is told `unavailable`.
   */
  call?(argument: unknown, signal: AbortSignal): Promise<unknown>
  /**
   * Does at once what nobody waits for, and answers nothing.
   *
   * @throws Refusal for the audit.
   */
  order?(argument: unknown): void
  /**
   * Lets an effect happen: its question ended well. Must not wait.
   *
   * @param hops how many plugins' publishes led to the question.
   * @throws Refusal for the audit: nobody waits for it.
   */
  release?(argument: unknown, hops: number): void
  /** The plugin is gone for good. */
  close?(): void
}

/** A power said no. The message is ours, bounded, and names neither paths, nor secrets, nor other tenants. */
export class Refusal extends Error {
  readonly code: CapabilityErrorCode

  constructor(code: CapabilityErrorCode, message: string) {
    super(message)
    this.name = 'Refusal'
    this.code = code
  }
}
