import { PLUGIN_HOPS } from '../../limits.ts'
import { topicMatches } from '../../wire/topic-grant.ts'
import { type Field, flag, object, oneOf } from '../fields.ts'
import type { PluginPublication, PowerPorts } from '../host-ports.ts'
import { MESSAGE_PROPERTIES } from '../message-fields.ts'
import { PerSecond } from '../per-second.ts'
import { publishTopic } from '../topic-filters.ts'
import { checked } from './argument.ts'
import { bytesOf, decodeBytes } from './byte-fields.ts'
import { type Holder, type Power, Refusal } from './power.ts'

interface Argument {
  readonly topic: string
  readonly qos?: 0 | 1 | 2
  readonly retain?: boolean
  readonly properties?: PluginPublication['properties']
}

const NO_PROPERTIES = Object.freeze({})

/**
 * `ctx.publish`: a message of the plugin's own, within the topics that its manifest asked for and its
 * operator allows. It leaves when its question ended well, is asked about like any other, and goes no further
 * than {@link PLUGIN_HOPS} plugins in a row.
 */
export function publishPower(holder: Holder, publish: NonNullable<PowerPorts['publish']>): Power {
  const { tenant, plugin, limits } = holder
  const argumentOf = argumentField(limits.payloadKiB * 1024)
  const bounds = boundsOf(holder)
  const rate = new PerSecond(Math.min(bounds.perSecond, limits.publishesPerSec))
  return {
    release(argument, hops) {
      const asked = checked(argumentOf, argument) as Argument
      const payload = decodeBytes('payload', asked)
      const { topic } = asked
      if (!bounds.admits(topic)) {
        throw new Refusal('notAllowed', `outside the granted topics: ${JSON.stringify(topic.slice(0, 64))}`)
      }
      if (hops >= PLUGIN_HOPS) {
        throw new Refusal('notAllowed', `plugins answer each other's messages: dropped past ${PLUGIN_HOPS}`)
      }
      if (!rate.spend(performance.now())) throw new Refusal('limit', 'more publishes than granted a second')
      const taken = publish(tenant, plugin, {
        topic,
        payload: payload ?? Buffer.alloc(0),
        qos: asked.qos ?? 0,
        retain: asked.retain ?? false,
        properties: asked.properties ?? NO_PROPERTIES,
        hops: hops + 1,
      })
      if (!taken) throw new Refusal('limit', "the tenant's rate of messages is used up")
    },
  }
}

interface Bounds {
  readonly perSecond: number
  admits(topic: string): boolean
}

const NOTHING: Readonly<Record<string, unknown>> = {}

/** A topic must match one of the filters that were asked for, and one of those that were allowed. */
function boundsOf({ grant }: Holder): Bounds {
  // asked for with `true`, which no manifest can: nothing is granted
  const { topics, within, perSecond } = grant === true ? NOTHING : grant
  const asked = filters(topics)
  const allowed = within === undefined ? null : filters(within)
  return {
    perSecond: typeof perSecond === 'number' ? perSecond : Number.POSITIVE_INFINITY,
    admits: (topic) => isIn(asked, topic) && (allowed === null || isIn(allowed, topic)),
  }
}

function isIn(filterList: readonly string[], topic: string): boolean {
  return filterList.some((filter) => topicMatches(filter, topic))
}

function filters(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

function argumentField(payloadBytes: number): Field {
  return object(
    {
      topic: publishTopic,
      ...bytesOf('payload', payloadBytes),
      qos: oneOf(0, 1, 2),
      retain: flag,
      properties: MESSAGE_PROPERTIES,
    },
    ['topic'],
  )
}
