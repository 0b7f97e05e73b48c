import { allow, definePlugin, deny } from 'bulkhead/plugin'

export default definePlugin({
  config: {
    type: 'object',
    properties: {
      allow_anonymous: {
        type: 'boolean',
        description: 'Whether clients without a user name are admitted.',
        default: true,
      },
    },
    additionalProperties: false,
  },

  authenticate({ username = '' }, { config }) {
    // nobody has verified the name: it is for another plugin to refuse who is not who it says
    if (username !== '') return allow()
    if (config.allow_anonymous) return allow({ principal: 'anonymous' })
    return deny('badUserNameOrPassword', 'a user name is needed')
  },
})
