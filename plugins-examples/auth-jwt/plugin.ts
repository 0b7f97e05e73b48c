import { abstain, allow, definePlugin, deny } from 'bulkhead/plugin'

export default definePlugin({
  config: {
    type: 'object',
    properties: {
      secret_key: {
        type: 'string',
        minLength: 1,
        secret: true,
        description: 'What tokens are verified with: an HMAC key, a PEM public key, or a JWK set.',
      },
      user_claim: { type: 'string', minLength: 1, description: 'The claim that holds the user name.' },
      algorithm: {
        type: 'string',
        enum: ['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA'],
        default: 'HS256',
      },
    },
    required: ['secret_key', 'user_claim'],
    additionalProperties: false,
  },
  capabilities: { password: true, crypto: true },

  async authenticate({ username, password }, { config, crypto }) {
    if (username === undefined || password === undefined) return abstain('no token')
    const token = new TextDecoder().decode(password)
    const verified = await crypto.verifyJwt(token, config.secret_key, { algorithms: [config.algorithm] })
    if (!verified.valid) return deny('badUserNameOrPassword', `the token is not valid: ${verified.why}`)
    return verified.claims[config.user_claim] === username
      ? allow()
      : deny('badUserNameOrPassword', 'the token is somebody else’s')
  },
})
