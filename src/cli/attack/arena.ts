import { setTimeout as pause } from 'node:timers/promises'
import { Bystander, type Witness } from './bystander.ts'
import type { Attack, Ending, Provoked } from './corpus.ts'
import { judgeAttack, KILLED } from './judge.ts'
import { Provoker } from './provoke.ts'
import { type Stage, setStage } from './stage.ts'
import type { Health, Possessions } from './target-messages.ts'
import { TargetProcess } from './target-process.ts'

/** How one attack went. */
export interface Result {
  readonly attack: Attack
  /** One each time it was provoked; more, if many were asked at once and ended in several ways. */
  readonly endings: readonly Ending[]
  /** How long the client that provoked it waited at worst. */
  readonly tookMs: number
  /** The longest time that the broker's event loop was away. */
  readonly lagMs: number
  /** As far as it was busy itself: what a loaded machine adds is not in it. */
  readonly blockedMs: number
  readonly grewBytes: number
  readonly bystander: Witness
  /** What should not have happened, in words. Nothing: the attack was contained. */
  readonly complaints: readonly string[]
}

const NO_LINES: readonly string[] = []
/** Hooks that are called when the client has its answer. */
const AFTERWARDS: readonly Provoked[] = ['authorizeReceive', 'onBrokerMessageReceived']
/** A kill is seen a moment after the answer by policy. */
const KILL_MS = 5000
/** The bystander testifies to every attack, however short it was. */
const LEAST_ROUNDS = 10

/** What was seen of the broker while one attack ran. */
interface Watched {
  lagMs: number
  blockedMs: number
  readonly complaints: string[]
}

/**
 * One real broker with a tenant for each attack and a bystander who publishes all the while. Attacks that run
 * one after the other have their own figures; of those that run side by side, each is blamed for the worst
 * that happened meanwhile, and no complaint is lost.
 */
export class Arena {
  readonly #stage: Stage
  readonly #target: TargetProcess
  readonly #bystander: Bystander
  readonly #running = new Set<Watched>()

  private constructor(stage: Stage, target: TargetProcess, bystander: Bystander) {
    this.#stage = stage
    this.#target = target
    this.#bystander = bystander
  }

  /**
   * Builds the attackers' plugins and starts the broker.
   *
   * @param sandbox the config's `sandbox`: the limits under which the attacks run.
   */
  static async open(
    attacks: readonly Attack[],
    sandbox: Readonly<Record<string, unknown>> = {},
  ): Promise<Arena> {
    const stage = await setStage(attacks, sandbox)
    try {
      const target = await TargetProcess.start(stage.config)
      const bystander = await Bystander.connect(target.url)
      await bystander.testify(LEAST_ROUNDS)
      return new Arena(stage, target, bystander)
    } catch (error) {
      await stage.strike()
      throw error
    }
  }

  /** Provokes one attack as often as it says, and looks at what came of it. */
  async run(attack: Attack): Promise<Result> {
    const { log, url } = this.#target
    const provoker = new Provoker(url, attack.id)
    const endings: Ending[] = []
    const endedBefore = log.ended.get(attack.id)?.length ?? 0
    let tookMs = 0
    const { residentBytes: residentBefore } = await this.#weigh()
    const watched: Watched = { lagMs: 0, blockedMs: 0, complaints: [] }
    this.#running.add(watched)
    watched.complaints.push(...(await this.#bystander.testify()).complaints)
    for (let time = 0; time < (attack.times ?? 2); time += 1) {
      const startedAt = performance.now()
      endings.push(...(await this.#provoke(provoker, attack)))
      tookMs = Math.max(tookMs, performance.now() - startedAt)
    }
    const cellsEnded = (): readonly string[] => (log.ended.get(attack.id) ?? NO_LINES).slice(endedBefore)
    if (attack.cell === 'killed') {
      const killed = log.until(() => cellsEnded().some((reason) => KILLED.test(reason)))
      await Promise.race([killed, pause(KILL_MS)])
    }
    const witness = await this.#bystander.testify(LEAST_ROUNDS)
    await provoker.leave()
    await this.#target.mark()
    const { residentBytes } = await this.#weigh()
    this.#running.delete(watched)
    const complaints = judgeAttack(attack, {
      endings,
      faults: log.faults.filter(({ tenant }) => tenant === attack.id),
      lines: log.lines.get(attack.id) ?? NO_LINES,
      cellsEnded: cellsEnded(),
      audited: await this.#target.audit(attack.id),
      delivered: provoker.delivered,
    })
    complaints.push(...watched.complaints, ...witness.complaints, ...this.#foul())
    const { lagMs, blockedMs } = watched
    const grewBytes = residentBytes - residentBefore
    return { attack, endings, tookMs, lagMs, blockedMs, grewBytes, bystander: witness, complaints }
  }

  /** Begins to measure anew: what was measured until now is told to all that were running. */
  async #weigh(): Promise<Health> {
    const health = await this.#target.weigh()
    for (const watched of this.#running) {
      watched.lagMs = Math.max(watched.lagMs, health.lagMs)
      watched.blockedMs = Math.max(watched.blockedMs, health.blockedMs)
    }
    return health
  }

  /** Stops everything. @returns what is left that should not be, in words. */
  async close(): Promise<readonly string[]> {
    const witness = await this.#bystander.leave()
    const held = await this.#target.stop()
    await this.#stage.strike()
    const left =
      held === undefined ? ['the broker did not say how it stopped'] : leaks(held.before, held.after)
    return [...witness.complaints, ...this.#foul(), ...left]
  }

  /** @returns how it ended; in several ways, if many were asked at once. */
  async #provoke(provoker: Provoker, attack: Attack): Promise<readonly Ending[]> {
    const { id, hook = 'authorizePublish', burst = 1, deliversAtMost } = attack
    const { log } = this.#target
    const listens = deliversAtMost !== undefined || hook === 'authorizeReceive'
    const faultsBefore = log.faults.length
    let seen = await provoker.provoke(hook, listens, burst)
    // what is delivered, or told, comes before what is asked next
    if (AFTERWARDS.includes(hook)) seen = await provoker.provoke(hook, listens)
    await this.#target.mark()
    const faults = log.faults.slice(faultsBefore).filter((each) => each.tenant === id && each.hook === hook)
    const endings = new Set<Ending>(faults.map(({ outcome }) => outcome as Ending))
    for (const each of seen) {
      if (each === 'closed' && faults.length > 0) continue
      if (each === 'allow' && faults.length > 0 && AFTERWARDS.includes(hook)) continue
      endings.add(each !== 'allow' && log.closed.has(id) ? 'load-failed' : each)
    }
    return [...endings]
  }

  /** Each line is complained of once. */
  #foul(): readonly string[] {
    return this.#target.log.foul.splice(0).map((line) => `a line of the log is not fit to print: ${line}`)
  }
}

function leaks(before: Possessions, after: Possessions): readonly string[] {
  return (['descriptors', 'threads', 'children'] as const)
    .filter((each) => after[each] > before[each])
    .map(
      (each) => `the broker, stopped, has ${after[each]} ${each}, and had ${before[each]} before it started`,
    )
}
