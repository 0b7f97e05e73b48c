import { abstain, allow, definePlugin, deny, type Grant, type Json } from 'bulkhead/plugin'

/** A token's claims, by the action that each lists the topics of. */
const CLAIMS = {
  publish_claim: 'publish',
  subscribe_claim: 'subscribe',
  receive_claim: 'receive',
} as const

const claim = { type: 'string', minLength: 1 } as const

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
      publish_claim: { ...claim, description: 'The claim that lists the topics to publish to.' },
      subscribe_claim: { ...claim, description: 'The claim that lists the topics to subscribe to.' },
      receive_claim: { ...claim, description: 'The claim that lists the topics to receive from.' },
      algorithm: {
        type: 'string',
        enum: ['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA'],
        default: 'HS256',
      },
    },
    required: ['secret_key', 'publish_claim', 'subscribe_claim', 'receive_claim'],
    additionalProperties: false,
  },
  capabilities: { password: true, crypto: true },

  // the token is there once, in CONNECT; what it says becomes grants, and no packet is asked about again
  async authenticate({ password }, { config, crypto }) {
    if (password === undefined) return abstain('no token')
    const token = new TextDecoder().decode(password)
    const verified = await crypto.verifyJwt(token, config.secret_key, { algorithms: [config.algorithm] })
    if (!verified.valid) return deny('badUserNameOrPassword', `the token is not valid: ${verified.why}`)
    const grants = Object.entries(CLAIMS).flatMap(([option, action]) =>
      topicsOf(verified.claims[config[option as keyof typeof CLAIMS]]).map((filter): Grant => {
        return { effect: 'allow', actions: [action], filter }
      }),
    )
    const { exp } = verified.claims
    // a token that ends, ends what it granted
    const expiresInMs = typeof exp === 'number' ? Math.max(1, Math.floor(exp * 1000 - Date.now())) : undefined
    return allow({ grants: [...NOTHING, ...grants], ...(expiresInMs === undefined ? {} : { expiresInMs }) })
  },
})

/** Who has grants for an action is refused all that they do not name; so each action has one. */
const NOTHING: readonly Grant[] = Object.values(CLAIMS).map((action) => ({
  effect: 'deny',
  actions: [action],
  filter: '$no/claim/names/this',
}))

/** A claim that is no list names nothing; a `{` would be a placeholder, which no token may fill in. */
function topicsOf(claimed: Json | undefined): readonly string[] {
  const topics = Array.isArray(claimed) ? claimed : []
  return topics.filter((topic): topic is string => typeof topic === 'string' && !topic.includes('{'))
}
