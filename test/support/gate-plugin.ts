/** The sample plugin of the README: who connects, and where each may publish. */
export const GATE = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  config: {
    type: 'object',
    properties: { users: { type: 'array', items: { type: 'string' } } },
    required: ['users'],
    additionalProperties: false,
  },
  capabilities: { log: true },
  authenticate: (event, ctx) =>
    ctx.config.users.includes(event.username ?? '')
      ? allow()
      : deny('badUserNameOrPassword', 'unknown user'),
  authorizePublish: (event, ctx) =>
    event.topic.startsWith(\`home/\${event.client.principal}/\`)
      ? allow()
      : deny({ code: 0x87, reason: 'not your topic' }),
  onBrokerClientConnected: (event, ctx) => ctx.log.info('hello', { clientId: event.client.clientId }),
})
`

/** A plugin with one hook, its body being `body`. */
export function publishPlugin(body: string): string {
  return `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: (event) => { ${body} },
})
`
}
