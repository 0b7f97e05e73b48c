import { createHash, randomBytes } from 'node:crypto'
import {
  type Asker,
  type AskerName,
  type CheckedVerdict,
  checkPassword,
  type HookName,
  numberOf,
  type Outcome,
  type PasswordHash,
  PluginCounters,
  type PluginHandle,
  type Subject,
} from '../../sandbox/index.ts'
import { FAILED_LOGINS } from '../base/limits.ts'
import { VERSION } from '../base/version.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import type { FailedLogins } from './failed-logins.ts'

/** What the broker's own voter is called where plugins have their names; none of them may have it. */
export const BUILTIN = 'builtin'

/** Whom it lets in. */
export interface BuiltinLogins {
  readonly tenant: string
  /** By user name. */
  readonly passwords: ReadonlyMap<string, PasswordHash>
  /** Whether a client without a user name may come in. */
  readonly anonymous: boolean
  /** Whether plugins are asked too, of whom one may know the user. */
  readonly hasOthers: boolean
}

/** What it reads of a question; the broker itself has written it. */
interface AskedLogin {
  readonly username?: string
  readonly password64?: string
  readonly remoteAddress: string
  readonly authMethod?: string
}

const ALLOW: CheckedVerdict = Object.freeze({ verdict: 'allow' })
const ABSTAIN: CheckedVerdict = Object.freeze({ verdict: 'abstain', note: 'it does not know the user' })
const WRONG: CheckedVerdict = denial(ReasonCode.badUserNameOrPassword, 'wrong user name or password')
const TOO_OFTEN: CheckedVerdict = denial(
  ReasonCode.connectionRateExceeded,
  `more than ${FAILED_LOGINS.perMin} failed logins a minute from this address`,
)

/**
 * One more voter, in the broker: it answers `authenticate` by a list of passwords. A user that is not in it
 * is checked against somebody's password all the same, so that the time of an answer does not say who is.
 */
export class BuiltinVoter implements PluginHandle {
  readonly name: string = BUILTIN
  readonly version: string = VERSION
  readonly hooks: ReadonlySet<HookName>
  readonly capabilities: PluginHandle['capabilities'] = { password: true }
  readonly counts: PluginCounters = new PluginCounters()
  readonly state = 'active'
  readonly #logins: BuiltinLogins | null
  readonly #failed: FailedLogins
  readonly #decoys: readonly PasswordHash[]
  readonly #salt = randomBytes(16)
  #waiting = 0

  /** @param logins null: others say who comes in. */
  constructor(logins: BuiltinLogins | null, failed: FailedLogins) {
    this.#logins = logins
    this.#failed = failed
    this.#decoys = [...(logins?.passwords.values() ?? [])]
    this.hooks = new Set(logins === null ? [] : ['authenticate'])
  }

  get isWaiting(): boolean {
    return this.#waiting > 0
  }

  get isIdle(): boolean {
    return this.#waiting === 0
  }

  ask(hook: AskerName, _subject: Subject | null, event: string, asker: Asker, slot: number): void {
    const askedAt = performance.now()
    const answer = (outcome: Outcome, verdict: CheckedVerdict | null): void =>
      this.counts.answer({ hook: numberOf(hook), asker, slot, askedAt }, outcome, verdict)
    if (hook !== 'authenticate' || this.#logins === null) return answer('ok', ABSTAIN)
    void this.#judge(JSON.parse(event) as AskedLogin, this.#logins, answer)
  }

  async #judge(
    asked: AskedLogin,
    logins: BuiltinLogins,
    answer: (outcome: Outcome, verdict: CheckedVerdict | null) => void,
  ): Promise<void> {
    this.#waiting += 1
    let verdict: CheckedVerdict | null
    try {
      verdict = await this.#login(asked, logins)
    } catch {
      // too many checks wait already, or the machine has no thread for one: the failure policy answers
      verdict = null
    }
    this.#waiting -= 1
    answer(verdict === null ? 'overload' : 'ok', verdict)
  }

  askPublish(
    subject: Subject,
    topic: string,
    _qos: 0 | 1 | 2,
    _retain: boolean,
    asker: Asker,
    slot: number,
  ): void {
    this.ask('authorizePublish', subject, topic, asker, slot)
  }

  /** It listens to nothing. */
  tell(): void {}

  /** It listens to nothing. */
  leaveUntold(): void {}

  async #login(asked: AskedLogin, logins: BuiltinLogins): Promise<CheckedVerdict> {
    const { username, password64, remoteAddress, authMethod } = asked
    if (username === undefined) return logins.anonymous ? ALLOW : ABSTAIN
    // who proves itself in steps, to a plugin, has no password to be looked at
    if (password64 === undefined && authMethod !== undefined) return ABSTAIN
    if (this.#failed.isBlocked(remoteAddress)) return TOO_OFTEN
    const known = logins.passwords.get(username)
    const hash = known ?? this.#decoyOf(username)
    const password = Buffer.from(password64 ?? '', 'base64')
    const matches = hash !== undefined && (await checkPassword(logins.tenant, password, hash))
    if (known !== undefined && matches && password64 !== undefined) return ALLOW
    // alone, it says of a user that it does not know what it says of a wrong password
    if (known === undefined && logins.hasOthers) return ABSTAIN
    this.#failed.count(remoteAddress)
    return WRONG
  }

  /** Always the same for one name: hashes may differ in what they cost. */
  #decoyOf(username: string): PasswordHash | undefined {
    const digest = createHash('sha256').update(this.#salt).update(username).digest()
    return this.#decoys[digest.readUInt32BE() % Math.max(1, this.#decoys.length)]
  }
}

function denial(code: number, note: string): CheckedVerdict {
  return Object.freeze({ verdict: 'deny', code, note })
}
