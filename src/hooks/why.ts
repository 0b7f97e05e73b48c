import { ANOTHER_STEP } from './merge-verdicts.ts'
import type { Verdict } from './verdict.ts'
import type { Voice } from './voice.ts'

/** Plugins that are named at most: a tenant may have many, and each may be asked about many outputs. */
const NAMED = 4

/**
 * Why plugins' answers have become this verdict, in words for an operator: disconnect outweighs deny, deny
 * outweighs allow, allow outweighs abstain.
 *
 * @param voices all that were heard; what only one plugin allowed is not kept, as a rule.
 */
export function whyOf(verdict: Verdict, voices: readonly Voice[]): string {
  return verdict.verdict === 'allow' ? whyAllowed(voices) : whyRefused(verdict, voices)
}

function whyAllowed(voices: readonly Voice[]): string {
  const allows = voices.filter(({ verdict }) => verdict.verdict === 'allow')
  if (allows.length === 0) return 'no plugin decides it, and the default of the tenant allows'
  return `${listOf(allows.map(saying))}${outweighing(voices, ['abstain'])}`
}

function whyRefused(verdict: Verdict, voices: readonly Voice[]): string {
  const refusing = voices.filter(({ verdict: said }) => said.verdict === verdict.verdict || isDrop(said))
  if (refusing.length > 0) {
    const weaker = verdict.verdict === 'disconnect' ? ['deny', 'allow', 'abstain'] : ['allow', 'abstain']
    return `${listOf(refusing.map(saying))}${outweighing(voices, weaker)}`
  }
  const contradiction = contradictionOf(voices)
  if (contradiction !== null) return contradiction
  const abstaining = voices.filter(({ verdict: said }) => said.verdict === 'abstain' && said !== ANOTHER_STEP)
  if (voices.length > 0 && abstaining.length === voices.length) {
    return `all who were asked abstained (${listOf(voices.map(nameOf))}), and what nobody allows is denied`
  }
  const note = 'note' in verdict && verdict.note !== undefined ? `: ${verdict.note}` : ''
  return `no plugin refuses, but the broker or the default of the tenant does${note}`
}

function saying(voice: Voice): string {
  const { outcome, source, verdict, hook } = voice
  const word = isDrop(verdict) ? 'drop' : verdict.verdict
  if (outcome !== 'ok')
    return `${nameOf(voice)} failed (${outcome} in ${hook}), for which onFault says ${word}`
  const from = { crossing: '', cache: ' earlier, which is remembered', grant: ' by its grants' }[source]
  return `${nameOf(voice)} said ${word}${from}`
}

function isDrop(said: Voice['verdict']): boolean {
  return said.verdict === 'transform' && said.op === 'drop'
}

function outweighing(voices: readonly Voice[], weaker: readonly string[]): string {
  const counts = weaker.flatMap((word) => {
    const count = voices.filter(({ verdict }) => verdict.verdict === word).length
    return count === 0 ? [] : [`${count} ${word === 'deny' ? 'denial' : word}${count === 1 ? '' : 's'}`]
  })
  return counts.length === 0 ? '' : `, which outweighs ${counts.join(' and ')}`
}

/** What plugins that all allow cannot both be right about; null: nothing that is known. */
function contradictionOf(voices: readonly Voice[]): string | null {
  for (const field of CLAIMS) {
    const claims = voices.flatMap((voice) => {
      const claim = claimOf(voice, field)
      return claim === undefined ? [] : [{ claim, by: nameOf(voice) }]
    })
    if (new Set(claims.map(({ claim }) => claim)).size < 2) continue
    // what proves who somebody is does not belong in a log
    const said = claims.map(({ claim, by }) => `${by} says ${field === 'authData' ? 'one thing' : claim}`)
    return `plugins contradict each other about ${field}: ${listOf(said)}`
  }
  return null
}

const CLAIMS = ['principal', 'rewriteTo', 'patch', 'authData'] as const

function claimOf({ verdict }: Voice, field: (typeof CLAIMS)[number]): string | undefined {
  if (verdict.verdict !== 'allow') return undefined
  // a change of a delivery is told of in the note
  if (field === 'patch') return verdict.note
  if (field === 'authData') return verdict.authData?.toString('base64')
  const claim = verdict[field]
  return claim === undefined ? undefined : JSON.stringify(claim)
}

function nameOf({ plugin, version }: Voice): string {
  return `${plugin}@${version}`
}

/** Each once: a plugin may have said the same of many outputs. */
function listOf(texts: readonly string[]): string {
  const distinct = [...new Set(texts)]
  const named = distinct.slice(0, NAMED)
  const more = distinct.length - named.length
  return `${named.join(' and ')}${more === 0 ? '' : ` and ${more} more`}`
}
