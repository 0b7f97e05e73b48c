import { KEY_PASSPHRASE_CHARS, SERVER_NAMES, TRUSTED_PROXIES, WEBSOCKET_ORIGINS } from '../base/limits.ts'
import { LISTENER_MQTT_SCHEMA } from './mqtt-schema.ts'
import { choice, integer, type Json, map } from './schema-nodes.ts'

function file(description: string): Json {
  return { description: `${description} Relative to this file.`, type: 'string', minLength: 1 }
}

function list(description: string, items: Json, maxItems: number): Json {
  return { description, type: 'array', items, minItems: 1, maxItems }
}

const certificateFiles = {
  certFile: file(
    'The certificate that is shown to clients, as PEM, with those between it and its authority.',
  ),
  keyFile: file('Its private key, as PEM.'),
  keyPassphrase: {
    description: 'What an encrypted key is read with; keyPassphraseFile: the file that holds it.',
    type: 'string',
    minLength: 1,
    maxLength: KEY_PASSPHRASE_CHARS,
    writeOnly: true,
  },
  caFile: file("The authorities of clients' certificates, as PEM."),
  crlFile: file('What these authorities have revoked, as PEM; a list of each.'),
}

const tls = map(
  'TLS. The files are read anew when they change, and at SIGHUP.',
  {
    ...certificateFiles,
    clientCertificate: choice(
      'Do clients show a certificate? request: they may, and a false one is refused; require: they must.',
      ['none', 'request', 'require'],
      { default: 'none' },
    ),
    minVersion: choice('The oldest version of TLS.', ['TLSv1.2', 'TLSv1.3'], { default: 'TLSv1.2' }),
    ciphers: {
      description: "Ciphers, as OpenSSL writes their lists. Default: Node's.",
      type: 'string',
      minLength: 1,
      maxLength: 4096,
    },
    sni: {
      description:
        'Other certificates by the name that a client calls the server by; "*." stands for one level. ' +
        'An authority of its own judges the clients that use the name; default: that of the listener.',
      type: 'object',
      maxProperties: SERVER_NAMES,
      propertyNames: { format: 'server-name' },
      additionalProperties: map('The certificate of one name.', certificateFiles, {
        required: ['certFile', 'keyFile'],
      }),
      default: {},
    },
    handshakeTimeoutSec: integer('How long a handshake may take.', 1, 600, { default: 10 }),
    maxHandshakes: integer('Handshakes at a time; newcomers above are closed.', 1, 100_000, {
      default: 256,
    }),
  },
  { required: ['certFile', 'keyFile'] },
)

/** One entry of `listeners:`. */
export const LISTENER_SCHEMA: Json = map(
  'One address to listen on.',
  {
    type: choice('tcp for MQTT over TCP, ws for MQTT over WebSocket; either with TLS if there is `tls`.', [
      'tcp',
      'ws',
    ]),
    bind: {
      description: 'HOST:PORT, where port 0 lets the system choose; or unix:PATH for a Unix socket.',
      type: 'string',
      format: 'bind-address',
    },
    socketMode: {
      description: 'Who may open a Unix socket, as the permissions of its file. Default: "0660".',
      type: 'string',
      format: 'file-mode',
    },
    path: {
      description: 'The path of WebSocket upgrades; those that tenants match by are open too.',
      type: 'string',
      format: 'url-path',
      default: '/mqtt',
    },
    websocketsOrigin: list(
      'Whose pages may connect in a browser. Default: all; who is no browser sends no origin.',
      { description: 'Such as https://app.example.', type: 'string', format: 'origin' },
      WEBSOCKET_ORIGINS,
    ),
    maxConnections: integer('Connections at a time.', 1, 10_000_000, { default: 100_000 }),
    connectsPerSec: integer('Newcomers a second; those above are closed. Default: no bound.', 1, 1_000_000),
    mqtt: LISTENER_MQTT_SCHEMA,
    tls,
    proxyProtocol: map(
      'Clients come through proxies, which say for whom they speak: PROXY protocol, version 1 or 2.',
      {
        trusted: list(
          'Addresses of these proxies; nobody else is heard.',
          { description: 'ADDRESS or ADDRESS/BITS.', type: 'string', format: 'address-range' },
          TRUSTED_PROXIES,
        ),
        require: choice(
          'What a client must have shown its proxy, as a header of version 2 says: TLS, a certificate.',
          ['nothing', 'tls', 'certificate'],
          { default: 'nothing' },
        ),
      },
      { required: ['trusted'] },
    ),
  },
  { required: ['type', 'bind'] },
)
