import { allow, definePlugin, deny } from 'bulkhead/plugin'

/** How Node writes an address into a certificate's list of other names. */
const URI = 'URI:'

export default definePlugin({
  config: {
    type: 'object',
    properties: {
      uri_domain: {
        type: 'string',
        minLength: 1,
        description: 'The trust domain: a device’s certificate names spiffe://DOMAIN/device/CLIENT-ID.',
      },
    },
    required: ['uri_domain'],
    additionalProperties: false,
  },

  authenticate({ tls, clientId }, { config }) {
    const uris = (tls?.subjectAltNames ?? []).filter((name) => name.startsWith(URI))
    const [uri] = uris
    // of several names nobody knows which one is meant
    if (uri === undefined || uris.length > 1) return deny('notAuthorized', 'no certificate of a device')
    return uri === `${URI}spiffe://${config.uri_domain}/device/${clientId}`
      ? allow()
      : deny('notAuthorized', 'the certificate is of another device')
  },
})
