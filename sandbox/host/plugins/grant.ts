import { BulkheadError } from '../../../src/base/errors.ts'
import type { CapabilityName, CapabilityRequest } from '../../manifest/manifest.ts'
import { insideOrigin } from '../capabilities/fetch-hosts.ts'
import { Mistake } from '../fields.ts'
import type { PluginSource, PreparedPlugin } from '../host-ports.ts'
import { filtersMeet, publishFilter } from '../topic-filters.ts'

type Bounds = Readonly<Record<string, unknown>>

/**
 * What the manifest asks for, as far as the operator allows it: of numbers the smaller, of lists what stands
 * in both, of topics what both let through. A plugin that would get nothing of what it asks for is refused:
 * better at its load than in the midst of its work.
 *
 * @throws BulkheadError ERR_PLUGIN_CAPABILITY, naming the capability and what is wrong.
 */
export function grant(
  source: Pick<PluginSource, 'name' | 'allow'>,
  asked: PreparedPlugin['capabilities'],
): PreparedPlugin['capabilities'] {
  const names = Object.keys(asked) as CapabilityName[]
  const refused = names.filter((name) => source.allow[name] === undefined)
  if (refused.length > 0) {
    throw refusal(`plugin ${source.name} asks for ${refused.join(', ')}, which its tenant does not allow`)
  }
  const granted: Partial<Record<CapabilityName, CapabilityRequest>> = {}
  for (const name of names) {
    const [request, allowed] = [asked[name], source.allow[name]]
    if (request === undefined || allowed === undefined) continue
    const result = (GRANTS[name] ?? attenuated)(request, allowed)
    if (typeof result === 'string') throw refusal(`plugin ${source.name}: capability ${name}: ${result}`)
    granted[name] = result
  }
  return granted
}

/** Powers whose bounds are more than numbers and lists of names. */
const GRANTS: Readonly<Partial<Record<CapabilityName, typeof attenuated>>> = {
  publish: publishGrant,
  fetch: fetchGrant,
  query: namesGrant,
  ldap: namesGrant,
}

function refusal(message: string): BulkheadError {
  return new BulkheadError('ERR_PLUGIN_CAPABILITY', message)
}

/** Without one of its queries a plugin cannot do its work: all that it names must be there. */
function namesGrant(asked: CapabilityRequest, allowed: CapabilityRequest): CapabilityRequest | string {
  if (allowed === true) return asked
  const names = boundsOf(allowed)['names'] as readonly unknown[]
  const wanted = boundsOf(asked)['names'] as readonly unknown[]
  const missing = wanted.filter((each) => !names.includes(each)).map((each) => JSON.stringify(each))
  if (missing.length === 0) return attenuated(asked, allowed)
  const there = names.length === 0 ? 'none' : names.join(', ')
  return `its tenant has no ${missing.join(', ')}; there is: ${there}`
}

/** @returns the grant, or why there is none. */
function attenuated(asked: CapabilityRequest, allowed: CapabilityRequest): CapabilityRequest | string {
  // what is asked for as a whole has no bounds that could be cut
  if (asked === true || allowed === true) return asked
  const bounds: Record<string, unknown> = { ...asked }
  for (const [bound, outer] of Object.entries(allowed)) {
    const narrowed = Object.hasOwn(asked, bound) ? narrower(asked[bound], outer) : outer
    if (narrowed === undefined) return `${bound}: the tenant allows nothing of what the plugin asks for`
    bounds[bound] = narrowed
  }
  return bounds
}

/** What both say; undefined: nothing. */
function narrower(asked: unknown, allowed: unknown): unknown {
  if (typeof asked === 'number' && typeof allowed === 'number') return Math.min(asked, allowed)
  if (Array.isArray(asked) && Array.isArray(allowed)) {
    const shared = asked.filter((each) => allowed.includes(each))
    return shared.length > 0 ? shared : undefined
  }
  return asked === allowed ? asked : undefined
}

/**
 * Two filters have no third that stands for both, so both lists are kept: a topic must match one of `topics`,
 * and one of `within`. Filters that were asked for in vain are left out.
 */
function publishGrant(asked: CapabilityRequest, allowed: CapabilityRequest): CapabilityRequest | string {
  const { topics: askedTopics, ...rest } = boundsOf(asked)
  const { topics: allowedTopics, ...outer } = boundsOf(allowed)
  const mistake = mistakeIn(askedTopics) ?? mistakeIn(allowedTopics)
  if (mistake !== undefined) return mistake
  const within = allowedTopics as readonly string[] | undefined
  const topics = ((askedTopics ?? []) as readonly string[]).filter(
    (filter) => within === undefined || within.some((each) => filtersMeet(filter, each)),
  )
  if (topics.length === 0) return 'topics: the tenant allows none of those that the plugin asks for'
  const bounds = attenuated(rest, outer)
  if (typeof bounds === 'string') return bounds
  return { ...boundsOf(bounds), topics, ...(within === undefined ? {} : { within }) }
}

/**
 * Who asks for `true` fetches wherever the operator says. Origins of the operator's own network are for these
 * alone: who names hosts of its own means the public internet.
 */
function fetchGrant(asked: CapabilityRequest, allowed: CapabilityRequest): CapabilityRequest | string {
  const { hosts, private: origins } = boundsOf(allowed)
  for (const origin of Array.isArray(origins) ? (origins as readonly unknown[]) : []) {
    if (insideOrigin(origin) === undefined)
      return `private: ${JSON.stringify(origin)} must be an origin, such as http://auth.internal:8080`
  }
  if (asked !== true) return attenuated(asked, allowed === true ? true : { hosts: hosts ?? [] })
  if (hosts === undefined && origins === undefined)
    return 'it fetches where the operator says: name `hosts`, or `private` origins, in `allow`'
  return { hosts: hosts ?? [], private: origins ?? [] }
}

function boundsOf(request: CapabilityRequest): Bounds {
  return request === true ? {} : request
}

function mistakeIn(topics: unknown): string | undefined {
  if (topics === undefined) return undefined
  if (!Array.isArray(topics)) return 'topics: must be a list of topic filters'
  for (const topic of topics) {
    const filter = publishFilter(topic)
    if (filter instanceof Mistake) return `topics: ${JSON.stringify(topic)}${filter.text}`
  }
  return undefined
}
