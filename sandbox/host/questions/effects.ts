import { Refusal } from '../capabilities/power.ts'
import type { ConversationOwner } from './conversation.ts'
import { parseArgument } from './parse-argument.ts'

/** What is to happen if an answer counts: by the answer's place in its frame. */
export type Effects = ReadonlyMap<number, readonly Effect[]>

interface Effect {
  readonly power: string
  /** JSON text, unparsed. */
  readonly argument: string
}

const NO_EFFECTS: Effects = new Map()

/** @returns undefined when no guest of ours writes such a list. */
export function readEffects(raw: readonly unknown[]): Effects | undefined {
  if (raw.length === 0) return NO_EFFECTS
  const effects = new Map<number, Effect[]>()
  for (const each of raw) {
    if (!Array.isArray(each)) return undefined
    const [place, power, argument] = each as readonly unknown[]
    if (typeof place !== 'number' || !Number.isSafeInteger(place)) return undefined
    if (typeof power !== 'string' || typeof argument !== 'string') return undefined
    const list = effects.get(place)
    if (list === undefined) effects.set(place, [{ power, argument }])
    else list.push({ power, argument })
  }
  return effects
}

/** Lets the effects of one answer happen, each when it is its tenant's turn: it came in time and holds. */
export function release(effects: readonly Effect[], owner: ConversationOwner, hops: number): void {
  if (effects.length > owner.effectsPerCall) return owner.denied('effects', 'no guest leaves so many')
  for (const effect of effects) {
    const begun = owner.inTurn(() => releaseOne(effect, owner, hops))
    if (begun === undefined) owner.denied(effect.power, 'too much of this tenant waits for its turn')
  }
}

function releaseOne({ power: name, argument }: Effect, owner: ConversationOwner, hops: number): void {
  const power = owner.powers.get(name)
  // it runs in a turn that all tenants share: not even a bug of ours may leave it as an exception
  try {
    if (power?.release === undefined) throw new Refusal('notAllowed', 'not granted')
    power.release(parseArgument(argument), hops)
  } catch (error) {
    if (error instanceof Refusal) owner.denied(name, error.message)
    else owner.broke(name, error)
  }
}

/** The place of what `setup` leaves to be done. */
export const SETUP_PLACE = -1

/** The place of the effects of a late answer, by its place in the list of those. */
export function latePlace(pair: number): number {
  return SETUP_PLACE - 1 - pair
}
