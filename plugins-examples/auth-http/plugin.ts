import { abstain, allow, definePlugin, deny } from 'bulkhead/plugin'
import { ask, SERVER_OPTIONS } from './server.ts'

export default definePlugin({
  config: {
    type: 'object',
    properties: {
      ...SERVER_OPTIONS,
      user_uri: {
        type: 'string',
        minLength: 1,
        default: '/user',
        description: 'Who asks whether a user is who it says.',
      },
    },
    required: ['host', 'port'],
    additionalProperties: false,
  },
  // where the server is, the operator says
  capabilities: { fetch: true, password: true },

  async authenticate({ username = '', password, clientId }, { config, fetch }) {
    const answer = await ask(fetch, config, config.user_uri, {
      username,
      password: password === undefined ? '' : new TextDecoder().decode(password),
      client_id: clientId,
    })
    if (answer === null) return abstain()
    return answer ? allow() : deny('badUserNameOrPassword', 'wrong user name or password')
  },
})
