import { abstain, allow, definePlugin, deny } from 'bulkhead/plugin'
import { readPasswordFile } from './password-file.ts'

/** The file, read once; an isolate may be replaced at any moment, and `setup` then reads it again. */
let hashes: ReadonlyMap<string, string> = new Map()

/** Line numbers that a warning names; the rest is counted. */
const NAMED_LINES = 10

export default definePlugin({
  config: {
    type: 'object',
    properties: {
      password_file: {
        type: 'string',
        description: 'Path of a file of lines USER:HASH. The broker reads it: here is what it says.',
        secret: true,
      },
    },
    additionalProperties: false,
  },
  capabilities: { crypto: true, log: true, password: true },

  setup({ config, log }) {
    const file = readPasswordFile(config.password_file ?? '')
    hashes = file.hashes
    if (config.password_file === undefined) log.warn('no password_file is given: nobody is admitted')
    if (file.useless.length === 0) return
    const lines = file.useless.slice(0, NAMED_LINES)
    log.warn('lines of the password file are of no use: not USER:HASH, or a hash that cannot be checked', {
      lines,
      more: file.useless.length - lines.length,
    })
  },

  async authenticate({ username = '', password = '' }, { crypto }) {
    // whoever gives no name is for another plugin to judge
    if (username === '') return abstain()
    const hash = hashes.get(username)
    // an unknown user's password is checked too: it must not be refused sooner than a known one's
    const checked = hash ?? hashes.values().next().value
    const isRight = checked !== undefined && (await crypto.verifyPassword(password, checked))
    return hash !== undefined && isRight ? allow() : deny('badUserNameOrPassword')
  },
})
