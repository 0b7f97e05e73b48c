import { allow, definePlugin, deny } from 'bulkhead/plugin'

export default definePlugin({
  capabilities: { ldap: { names: ['users'] }, password: true },

  async authenticate({ username, password }, ctx) {
    if (!username || !password?.length) return deny('badUserNameOrPassword', 'who are you?')
    return (await ctx.ldap.bind('users', { username }, password))
      ? allow()
      : deny('badUserNameOrPassword', 'wrong user name or password')
  },
})
