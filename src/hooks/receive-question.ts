import type { CheckedPatch } from '../../sandbox/index.ts'
import type { Message } from '../codec/message.ts'
import { patchMessage } from '../codec/patch-message.ts'
import type { PatchGroups } from './patch-groups.ts'
import { type ReceiveCause, ReceiveRound, type ReceiveTarget } from './receive-round.ts'
import type { TenantHooks } from './tenant-hooks.ts'
import type { Voice } from './voice.ts'

/** A message as plugins have changed it for some of its recipients. */
export interface Changed {
  readonly message: Message
  readonly patch: CheckedPatch
}

/**
 * A delivery's question: may these recipients have this message? A refusal is silent for the client; it is
 * counted and explained.
 *
 * For some recipients plugins may change the message. What comes out is asked about again, so that nobody is
 * sent what would be refused in its final form.
 */
export abstract class ReceiveQuestion extends ReceiveRound {
  #changedAt: (Changed | undefined)[] | null = null
  #again: readonly ChangedRound[] = []
  #waiting = 0

  /** Called once: {@link isAllowed} and {@link changed} say what of each target. */
  protected abstract decided(): void

  /** What the target is to get in place of the message; null: the message itself. */
  changed(place: number): Changed | null {
    return this.#changedAt?.[place] ?? null
  }

  override voicesOn(place: number): readonly Voice[] {
    return [...super.voicesOn(place), ...this.#again.flatMap((round) => round.voicesOnOriginal(place))]
  }

  protected override ended(cause: ReceiveCause, patches: PatchGroups | null): void {
    if (patches === null) return this.decided()
    // plugins that contradict each other: none of them is known to be right
    this.targets.forEach((_, place) => {
      if (patches.isContradicted(place)) this.refuse(place)
    })
    const groups = patches.groups((place) => this.isAllowed(place))
    if (groups.length === 0) return this.decided()
    const changedAt = (this.#changedAt = new Array<Changed | undefined>(this.targets.length))
    const then = (round: ChangedRound): void => this.#askedAgain(round)
    this.#again = groups.map(({ patch, places }) => {
      const changed = { patch, message: changedMessage(this.message, patch) }
      for (const place of places) changedAt[place] = changed
      return new ChangedRound(this.hooks, changed, this.targets, places, then)
    })
    // all are known before the first is asked: it may be answered within the question
    this.#waiting = groups.length
    for (const round of this.#again) round.ask(cause)
  }

  #askedAgain(round: ChangedRound): void {
    round.places.forEach((place, index) => {
      if (!round.isAllowed(index)) this.refuse(place)
    })
    if (--this.#waiting === 0) this.decided()
  }
}

/** The second round, about a message as it was changed for some of the targets. */
class ChangedRound extends ReceiveRound {
  /** Of its targets, among those of the first round. */
  readonly places: readonly number[]
  readonly #then: (round: ChangedRound) => void

  constructor(
    hooks: TenantHooks,
    { message, patch }: Changed,
    targets: readonly ReceiveTarget[],
    places: readonly number[],
    then: (round: ChangedRound) => void,
  ) {
    const meant = places.map((place) => targets[place] as ReceiveTarget)
    super(hooks, message, meant, patch)
    this.places = places
    this.#then = then
  }

  voicesOnOriginal(place: number): readonly Voice[] {
    const index = this.places.indexOf(place)
    return index === -1 ? [] : this.voicesOn(index)
  }

  protected override ended(): void {
    this.#then(this)
  }
}

/** QoS is lowered, never raised: nobody is promised more than the publisher was. */
function changedMessage(message: Message, patch: CheckedPatch): Message {
  const qos = patch.qos !== undefined && patch.qos < message.qos ? patch.qos : message.qos
  return patchMessage(message, { ...patch, qos }, Date.now())
}
