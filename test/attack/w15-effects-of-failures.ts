import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'W15',
  class: 'capability',
  title: 'messages of calls that do not end well, by every way to fail: none of them leaves',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
const message = { topic: 'own/w15', payload: 'escaped' }
const WAYS = [
  (ctx) => {
    ctx.publish(message)
    throw new Error('after')
  },
  (ctx) => {
    ctx.publish(message)
    return undefined
  },
  (ctx) => {
    ctx.publish(message)
    return { verdict: 'deny', note: 'x'.repeat(20_000) }
  },
  (ctx) => ({
    verdict: 'deny',
    toJSON() {
      ctx.publish(message)
      return 7
    },
  }),
  (ctx) => ({
    verdict: 'deny',
    get note() {
      ctx.publish(message)
      throw new Error('while it is written')
    },
  }),
  async (ctx) => {
    ctx.publish(message)
    await null
    throw new Error('later')
  },
  async (ctx) => {
    ctx.publish(message)
    return 7
  },
  (ctx) => {
    ctx.publish(message)
    return new Promise(() => {})
  },
  (ctx) => {
    ctx.publish(message)
    return { then() {} }
  },
  (ctx) => {
    throw {
      get message() {
        ctx.publish(message)
        return 'while it is described'
      },
    }
  },
]
let turn = 0
export default definePlugin({
  capabilities: { publish: { topics: ['own/#'], perSecond: 100 } },
  authorizePublish: (event, ctx) =>
    event.topic.startsWith('own/') ? allow() : WAYS[turn++ % WAYS.length](ctx),
})`,
  times: 10,
  deliversAtMost: 0,
  endings: ['threw', 'bad-verdict', 'unsettled'],
}
