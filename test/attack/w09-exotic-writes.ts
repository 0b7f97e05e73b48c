import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'W09',
  class: 'pollute',
  title: 'writing to what is frozen by ways that are no assignment: it stays as it was',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
const WAYS = [
  (target) => Error.captureStackTrace(target),
  (target) => Reflect.set({}, 'planted', 1, target),
  (target) => Reflect.set(Object.create(target), 'planted', 1, target),
  (target) => Object.assign(target, { planted: 1 }),
  (target) => Object.setPrototypeOf(target, { planted: 1 }),
  (target) => target.__defineGetter__('planted', () => 1),
  (target) => Array.prototype.push.call(target, 1),
  (target) => Array.prototype.sort.call(target),
  (target) => Array.prototype.copyWithin.call(target, 0, 1),
  (target) => RegExp.prototype.compile.call(target, 'a'),
  (target) => Promise.prototype.then.call(target, () => {}),
  (target) =>
    new (class extends function () {
      return target
    } {
      planted = 1
    })(),
  (target) =>
    new Set([1]).union({
      size: 1,
      has: () => true,
      keys: () => ({
        next: () => {
          target.planted = 1
        },
      }),
    }),
  (target) =>
    Array.from.call(
      function () {
        return target
      },
      [1, 2],
    ),
  (target) =>
    Object.groupBy([1], () => {
      target.planted = 1
    }),
  (target) =>
    JSON.parse('{"a":1}', () => {
      target.planted = 1
    }),
]
export default definePlugin({
  authorizePublish: (event, ctx) => {
    const targets = [
      event,
      event.client,
      ctx,
      Object.getPrototypeOf(ctx),
      ctx.config,
      ctx.config.list,
      ctx.plugin,
      ctx.log,
    ]
    const before = JSON.stringify([event, ctx.config])
    for (const target of targets) {
      for (const way of WAYS) {
        try {
          way(target)
        } catch {}
        if (target.planted !== undefined || Object.hasOwn(target, 'stack')) return allow()
      }
    }
    return JSON.stringify([event, ctx.config]) === before && Object.isFrozen(ctx) ? deny() : allow()
  },
  config: { type: 'object', properties: { list: { type: 'array', items: { type: 'string' } } } },
  capabilities: { log: true },
})`,
  options: { list: ['b', 'a'] },
  endings: ['deny'],
}
