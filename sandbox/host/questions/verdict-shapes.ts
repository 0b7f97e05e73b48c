import {
  AUTH_DATA_BYTES,
  FILTERS_PER_VERDICT,
  GRANT_LEVELS,
  GRANTS_PER_VERDICT,
  PATCH_GROUPS,
  PATCH_PAYLOAD_BYTES,
  REASON_BYTES,
  REPLACEMENTS,
  WILL_DEFER_SEC,
} from '../../limits.ts'
import type { AskerName } from '../../sdk/hooks.ts'
import {
  CONNECT_REFUSALS,
  DISCONNECT_REASONS,
  PUBLISH_REFUSALS,
  SUBSCRIBE_REFUSALS,
  UNSUBSCRIBE_REFUSALS,
} from '../../sdk/reason-codes.ts'
import {
  type Field,
  flag,
  integer,
  isObject,
  list,
  Mistake,
  object,
  oneOf,
  pair,
  type Shape,
  text,
  textMap,
} from '../fields.ts'
import { bytesField, patchField } from '../message-fields.ts'
import { clientFilter } from '../topic-filters.ts'

/** What each hook may answer beside `true`, `false` and `null`: HOOKS.md's table of verdicts, as shapes. */
const QOS = oneOf(0, 1, 2)
const REASON = text(REASON_BYTES)
const NAME = text(256, 1)
const TOPIC = text(65_535, 1)
const WHOLE = integer(0, 4_294_967_295)
const RATE = integer(1, 4_294_967_295)
const USER_PROPERTIES = list(pair(text(256)), 32)

const CACHED: Shape = { cacheMs: WHOLE, cacheTag: text(128), audit: flag }
const OBLIGATIONS: Shape = { ...CACHED, throttleMs: integer(0, 60_000) }
const WHY: Shape = { reason: REASON, note: text(256), userProperties: USER_PROPERTIES }

const PUBLISH_CODE = codeOf(PUBLISH_REFUSALS)
const SUBSCRIBE_CODE = codeOf(SUBSCRIBE_REFUSALS)
const TOPIC_CODE: Field = (value) => firstMistake(PUBLISH_CODE(value), SUBSCRIBE_CODE(value))

const SUBSCRIBE_FIELDS: Shape = {
  maxQos: QOS,
  rewriteTo: TOPIC,
  noLocal: flag,
  retainAsPublished: flag,
  retainHandling: QOS,
}

const GRANT = object(
  {
    effect: oneOf('allow', 'deny', 'ask'),
    actions: list(oneOf('publish', 'subscribe', 'receive'), 3),
    filter: clientFilter,
    qos: list(QOS, 3),
    retain: flag,
    share: (value) => (typeof value === 'boolean' ? value : NAME(value)),
  },
  ['effect', 'actions', 'filter'],
)

const SESSION = object({
  sessionExpirySec: WHOLE,
  receiveMaximum: integer(1, 65_535),
  maxQos: QOS,
  maxPacketSize: integer(1, 268_435_455),
  topicAliasMax: integer(0, 65_535),
  keepAliveSec: integer(0, 65_535),
  queueMax: WHOLE,
  assignedClientId: text(256, 1),
  // a rate of 0 would be a refusal, which has words of its own
  publishPerSec: RATE,
  bytesPerSec: RATE,
})

const AUTHENTICATE_FIELDS: Shape = {
  principal: NAME,
  roles: list(NAME, 64),
  attributes: textMap(NAME, text(1024), 64),
  grants: grantList(),
  expiresInMs: WHOLE,
  refreshInMs: WHOLE,
  session: SESSION,
  connack: object({ userProperties: USER_PROPERTIES, responseInformation: text(1024) }),
  authData: bytesField(AUTH_DATA_BYTES),
}

const PATCH = patchField(PATCH_PAYLOAD_BYTES)
const REPLACEMENT = patchField(PATCH_PAYLOAD_BYTES, ['topic'])

/** What `authorizeWill` may answer beside allow, deny and abstain, by its word. */
const WILL_VERDICTS: Shape = {
  publish: standingFor({ verdict: 'allow' }, object({ verdict: oneOf('publish') })),
  strip: object({ verdict: oneOf('strip') }),
  suppress: object({ verdict: oneOf('suppress') }),
  set: object({ verdict: oneOf('set'), will: PATCH }, ['will']),
  defer: object({ verdict: oneOf('defer'), delaySec: integer(1, WILL_DEFER_SEC) }, ['delaySec']),
}

/** What `transformMessage` may answer, by its word. */
const OPERATIONS: Shape = {
  pass: object({ op: oneOf('pass') }),
  patch: object({ op: oneOf('patch'), patch: PATCH }, ['patch']),
  drop: object({ op: oneOf('drop'), ack: oneOf('error', 'silent') }),
  replace: object({ op: oneOf('replace'), with: list(REPLACEMENT, REPLACEMENTS) }, ['with']),
}

const DISCONNECT = object({
  verdict: oneOf('disconnect'),
  ...WHY,
  code: codeOf(DISCONNECT_REASONS),
  sendWill: flag,
})

const subscribeEach = single(SUBSCRIBE_FIELDS, { code: SUBSCRIBE_CODE }, undefined)
const unsubscribeEach = single({}, { code: codeOf(UNSUBSCRIBE_REFUSALS) }, undefined)

/** One reader a hook. It takes an object. */
export const VERDICT_FIELDS: Readonly<Partial<Record<AskerName, Field>>> = {
  authenticate: orElse(
    { continue: object({ verdict: oneOf('continue'), data: bytesField(AUTH_DATA_BYTES) }) },
    single(AUTHENTICATE_FIELDS, { code: codeOf(CONNECT_REFUSALS) }, DISCONNECT),
  ),
  authorizePublish: single(
    { maxQos: QOS, retain: oneOf(false) },
    { code: PUBLISH_CODE, ack: oneOf('error', 'silent') },
    DISCONNECT,
  ),
  authorizeSubscribe: perFilter(
    subscribeEach,
    single(SUBSCRIBE_FIELDS, { code: SUBSCRIBE_CODE }, DISCONNECT),
  ),
  authorizeUnsubscribe: perFilter(
    unsubscribeEach,
    single({}, { code: codeOf(UNSUBSCRIBE_REFUSALS) }, DISCONNECT),
  ),
  authorizeReceive: perRecipient(single({}, {}, undefined)),
  authorizeWill: orElse(WILL_VERDICTS, single({}, { code: codeOf(CONNECT_REFUSALS) }, undefined)),
  topicFiltering: single({}, { code: TOPIC_CODE }, DISCONNECT),
  transformMessage: transform(single({}, { code: PUBLISH_CODE }, undefined)),
}

/** Grants are kept as a tree for as long as the client is there: its size is bounded by their levels. */
function grantList(): Field {
  const grants = list(GRANT, GRANTS_PER_VERDICT)
  return (value) => {
    const checked = grants(value)
    if (checked instanceof Mistake) return checked
    const levels = (checked as readonly { readonly filter: string }[]).reduce(
      (sum, { filter }) => sum + filter.split('/').length,
      0,
    )
    return levels <= GRANT_LEVELS ? checked : new Mistake(`: have more than ${GRANT_LEVELS} topic levels`)
  }
}

/** A verdict by its own word. */
function single(allowFields: Shape, denyFields: Shape, disconnect: Field | undefined): Field {
  const abstain = object({ verdict: oneOf('abstain'), note: text(256) })
  const allow = object({ verdict: oneOf('allow'), ...OBLIGATIONS, ...allowFields })
  const deny = object({ verdict: oneOf('deny'), ...WHY, ...CACHED, ...denyFields })
  const words = disconnect === undefined ? 'allow, deny or abstain' : 'allow, deny, abstain or disconnect'
  const unknown = new Mistake(`verdict: must be ${words}`)
  return (value) => {
    switch (isObject(value) && Object.hasOwn(value, 'verdict') ? value['verdict'] : undefined) {
      case 'allow':
        return allow(value)
      case 'deny':
        return deny(value)
      case 'abstain':
        return abstain(value)
      case 'disconnect':
        return disconnect === undefined ? unknown : disconnect(value)
      default:
        return unknown
    }
  }
}

/** Another word for a plain verdict. */
function standingFor(plain: object, field: Field): Field {
  const meant = Object.freeze(plain)
  return (value) => {
    const checked = field(value)
    return checked instanceof Mistake ? checked : meant
  }
}

/** What has a word of its own, and whatever `others` takes. */
function orElse(own: Shape, others: Field): Field {
  return (value) => {
    const word = isObject(value) && Object.hasOwn(value, 'verdict') ? value['verdict'] : undefined
    const field = typeof word === 'string' && Object.hasOwn(own, word) ? own[word] : undefined
    return (field ?? others)(value)
  }
}

/** An operation, or one of the plain verdicts, which are legal everywhere. */
function transform(plain: Field): Field {
  const unknown = new Mistake(`op: must be one of ${Object.keys(OPERATIONS).join(', ')}`)
  return (value) => {
    if (!isObject(value) || !Object.hasOwn(value, 'op')) return plain(value)
    const word = value['op']
    const field = typeof word === 'string' && Object.hasOwn(OPERATIONS, word) ? OPERATIONS[word] : undefined
    const checked = field === undefined ? unknown : field(value)
    return checked instanceof Mistake
      ? checked
      : Object.freeze({ verdict: 'transform', ...(checked as object) })
  }
}

/** One verdict for all filters, or one each: `{ filters: […] }`. */
function perFilter(each: Field, forAll: Field): Field {
  const filters = list((value) => PLAIN.get(value) ?? each(value), FILTERS_PER_VERDICT)
  const shape = object({ filters })
  return (value) => {
    if (!isObject(value) || !Object.hasOwn(value, 'filters')) return forAll(value)
    const checked = shape(value)
    return checked instanceof Mistake
      ? checked
      : Object.freeze({ verdict: 'filters', ...(checked as object) })
  }
}

/** One verdict for all recipients, or a default with exceptions and with changes for some. */
function perRecipient(forAll: Field): Field {
  const indices = list(integer(0, 65_535), FILTERS_PER_VERDICT)
  const group = object({ targets: indices, patch: PATCH }, ['targets', 'patch'])
  const groups = list(group, PATCH_GROUPS)
  const shape = object({ default: oneOf('allow', 'deny', 'abstain'), except: indices, groups }, ['default'])
  return (value) => {
    if (!isObject(value) || !Object.hasOwn(value, 'default')) return forAll(value)
    const checked = shape(value)
    return checked instanceof Mistake
      ? checked
      : Object.freeze({ verdict: 'recipients', except: [], ...(checked as object) })
  }
}

/** What `true`, `null` and `false` stand for, as in aMQTT. */
const PLAIN: ReadonlyMap<unknown, object> = new Map<unknown, object>([
  [true, Object.freeze({ verdict: 'allow' })],
  [null, Object.freeze({ verdict: 'abstain' })],
  [false, Object.freeze({ verdict: 'deny' })],
])

function codeOf(refusals: Readonly<Record<string, number>>): Field {
  const known = new Set<unknown>(Object.values(refusals))
  const names = Object.keys(refusals).join(', ')
  const mistake = new Mistake(`: this packet cannot carry it; it can carry ${names}`)
  return (value) => (known.has(value) ? value : mistake)
}

function firstMistake(first: unknown, second: unknown): unknown {
  return first instanceof Mistake ? first : second
}
