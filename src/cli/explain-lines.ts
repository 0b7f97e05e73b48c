import type { createColors } from 'picocolors'
import type { Decision, DecisionVoice, Explanation } from '../index.ts'
import { printable } from '../observe/printable.ts'

/** Terminal colours, or nothing in their place. */
type Colors = ReturnType<typeof createColors>

/** What the plugins say now, and what the client was refused before. */
export function explanationLines({ tenant, asked, now, refusals }: Explanation, colors: Colors): string[] {
  const { action, client, topic } = asked
  const what = colors.bold(`${action} ${printable(topic)}`)
  const lines = [`${what} by client ${printable(client)} of tenant ${tenant}`]
  if (now === null) lines.push('  the client has no session now')
  else {
    const state = now.connected ? 'connected' : 'away, its session waits'
    lines.push(`  principal ${printable(now.principal)}, ${state}`, ...voiceLines(now.voices))
    lines.push(...endLines(now, colors))
    if (now.becomes !== null) lines.push(becomingLine(now.becomes))
  }
  if (refusals.length === 0) return lines
  lines.push('', 'Refused before, the newest first:')
  for (const { id, at, action: did, topic: where, reasonCode, detail } of refusals) {
    const about = where === '' ? did : `${did} ${printable(where)}`
    lines.push(`  ${id}  ${new Date(at).toISOString()}  ${about}  ${hex(reasonCode)}  ${printable(detail)}`)
  }
  return lines
}

/** One refusal, as it was when it happened. */
export function decisionLines(decision: Decision, colors: Colors): string[] {
  const { id, at, tenant, client, action, topic } = decision
  const about = topic === '' ? action : `${action} ${printable(topic)}`
  return [
    `${colors.bold(about)} by client ${printable(client)} of tenant ${tenant}`,
    `  ${id}, ${new Date(at).toISOString()}`,
    ...voiceLines(decision.voices),
    ...endLines(decision, colors),
  ]
}

function voiceLines(voices: readonly DecisionVoice[]): string[] {
  if (voices.length === 0)
    return ['  no plugin was asked: the broker itself, or the default of the tenant, decides']
  const names = voices.map(({ plugin, version }) => `${plugin}@${version}`)
  const width = Math.max(...names.map(({ length }) => length))
  return voices.map((voice, place) => `  ${(names[place] ?? '').padEnd(width)}  ${said(voice)}`)
}

function said({ hook, source, outcome, verdict, micros }: DecisionVoice): string {
  const { code, reason, note } = verdict
  const words = [
    hook,
    verdict.verdict,
    ...(code === undefined ? [] : [hex(code)]),
    ...(reason === undefined ? [] : [JSON.stringify(printable(reason))]),
    ...(note === undefined ? [] : [`(${printable(note)})`]),
    source === 'crossing' ? `in ${micros} µs` : `from its ${source}`,
    ...(outcome === 'ok' ? [] : [`the plugin failed: ${outcome}; onFault answers`]),
  ]
  return words.join('  ')
}

type End = Pick<Decision, 'allowed' | 'reasonCode' | 'detail' | 'why' | 'told'>

function endLines(end: End, colors: Colors): string[] {
  const why = `  ${printable(end.why)}`
  if (end.allowed) return [`  ${colors.green('allowed')}`, why]
  const detail = end.detail === '' ? '' : `: ${printable(end.detail)}`
  const refused = colors.red(`refused ${hex(end.reasonCode)}`)
  return [`  ${refused}${detail}; the client is told: ${end.told}`, why]
}

/** What plugins make of it, where they change it. */
function becomingLine(becomes: NonNullable<Now['becomes']>): string {
  if (becomes.length === 0) return '  plugins drop it in silence'
  const forms = becomes.map(
    ({ topic, qos, retain }) => `${printable(topic)} (QoS ${qos}${retain ? ', retained' : ''})`,
  )
  return `  plugins make of it: ${forms.join(', ')}`
}

type Now = NonNullable<Explanation['now']>

function hex(code: number): string {
  return `0x${code.toString(16).padStart(2, '0')}`
}
