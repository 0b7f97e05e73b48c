import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, describe, test } from 'node:test'
import { BrokerProcess } from '../support/broker-process.ts'
import { type ServerCertificate, TestAuthority } from '../support/certificates.ts'
import { NO_MOSQUITTO, run } from '../support/mosquitto.ts'
import { connectClient } from '../support/mqttjs.ts'
import { tempFolder } from '../support/temp-folder.ts'

const SECURED = path.join(import.meta.dirname, 'paho', 'secured.py')
const PYTHON = ['/usr/bin/python3', 'python3'].find(
  (python) => spawnSync(python, ['-c', 'import paho.mqtt.client']).status === 0,
)
const NO_PAHO = PYTHON === undefined ? 'python3-paho-mqtt is not installed' : false
const NO_OPENSSL = spawnSync('openssl', ['version']).error === undefined ? false : 'openssl is not installed'

const authority = new TestAuthority()
const server = authority.issue(['localhost', '127.0.0.1'])
const acme = authority.issue(['acme.example'])
const meter = authority.issue([], undefined, [['CN', 'meter-7']])
const expired = authority.issue([], ['120820000000Z', '120821000000Z'], [['CN', 'meter-6']])
const stolen = authority.issue([], undefined, [['CN', 'meter-5']])
const folder = tempFolder({
  'ca.pem': authority.ca,
  'crl.pem': authority.revoke(stolen),
  ...pair('server', server),
  ...pair('acme', acme),
  ...pair('meter', meter),
  ...pair('expired', expired),
  ...pair('stolen', stolen),
})
const file = (name: string): string => path.join(folder, name)
const keys = (name: string): readonly string[] => [file(`${name}.pem`), file(`${name}.key`)]

function pair(name: string, { cert, key }: ServerCertificate): Record<string, string> {
  return { [`${name}.pem`]: cert, [`${name}.key`]: key }
}

const [acmeCert, acmeKey] = keys('acme')
const tls = {
  certFile: file('server.pem'),
  keyFile: file('server.key'),
  sni: { 'acme.example': { certFile: acmeCert, keyFile: acmeKey } },
}
const judges = { caFile: file('ca.pem'), crlFile: file('crl.pem'), clientCertificate: 'require' }
const broker = await BrokerProcess.start({
  listeners: {
    open: { type: 'tcp', bind: '127.0.0.1:0', tls },
    web: { type: 'ws', bind: '127.0.0.1:0', tls },
    strict: { type: 'tcp', bind: '127.0.0.1:0', tls: { ...tls, ...judges } },
    modern: { type: 'tcp', bind: '127.0.0.1:0', tls: { ...tls, minVersion: 'TLSv1.3' } },
    picky: {
      type: 'tcp',
      bind: '127.0.0.1:0',
      tls: { ...tls, ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' },
    },
  },
  anonymous: true,
})
const portOf = (listener: string): number =>
  Number(new RegExp(String.raw`://127\.0\.0\.1:(\d+)\S* +\(${listener}\)`).exec(broker.stdout)?.[1])

/** mosquitto_pub's exit code; it sends one message with QoS 1. */
async function publish(listener: string, flags: readonly string[]): Promise<number | null> {
  const message = ['-t', 'a', '-m', 'b', '-q', '1', '-V', 'mqttv5', '--cafile', file('ca.pem')]
  return (await run('mosquitto_pub', portOf(listener), [...message, ...flags])).code
}

function as(name: string): readonly string[] {
  const [cert = '', key = ''] = keys(name)
  return ['--cert', cert, '--key', key]
}

describe('mosquitto_pub', { skip: NO_MOSQUITTO }, () => {
  for (const [how, listener, flags, isLetIn] of [
    ['over TLS 1.2', 'open', ['--tls-version', 'tlsv1.2'], true],
    ['over TLS 1.3', 'open', ['--tls-version', 'tlsv1.3'], true],
    ['with its certificate over TLS 1.2', 'strict', ['--tls-version', 'tlsv1.2', ...as('meter')], true],
    ['with its certificate over TLS 1.3', 'strict', ['--tls-version', 'tlsv1.3', ...as('meter')], true],
    ['without the certificate that is required', 'strict', [], false],
    ['with a certificate that has expired', 'strict', as('expired'), false],
    ['with a certificate that is revoked', 'strict', as('stolen'), false],
  ] as const) {
    test(`${how}: ${isLetIn ? 'let in' : 'refused'}`, async () => {
      assert.equal((await publish(listener, flags)) === 0, isLetIn)
    })
  }
})

test('the log says what is wrong with a certificate', { skip: NO_MOSQUITTO }, async () => {
  await publish('strict', [])
  for (const why of ['no certificate', 'CERT_HAS_EXPIRED', 'CERT_REVOKED'])
    await broker.until(() => broker.log.some(({ msg }) => msg === `connection turned away: ${why}`))
})

describe('paho in Python', { skip: NO_PAHO }, () => {
  for (const [transport, listener, own] of [
    ['tcp', 'open', []],
    ['tcp', 'strict', keys('meter')],
    ['websockets', 'web', []],
  ] as const) {
    test(`over TLS: ${transport}, ${listener}`, async () => {
      const args = [SECURED, String(portOf(listener)), transport, file('ca.pem'), ...own]
      const child = spawn(PYTHON ?? '', args, { stdio: ['ignore', 'ignore', 'pipe'] })
      after(() => child.kill())
      let said = ''
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString()
      })
      const [code] = (await once(child, 'close')) as [number | null]
      assert.deepEqual([code, said], [0, ''])
    })
  }
})

/** What OpenSSL's client is shown; null: there was no handshake. */
function shownTo(listener: string, flags: readonly string[]): string | null {
  const place = ['-connect', `127.0.0.1:${portOf(listener)}`, '-CAfile', file('ca.pem')]
  const { stdout } = spawnSync('openssl', ['s_client', ...place, ...flags], { input: '', encoding: 'utf8' })
  const [pem] = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/.exec(stdout) ?? []
  return pem === undefined ? null : new X509Certificate(pem).fingerprint256
}

function fingerprint({ cert }: ServerCertificate): string {
  return new X509Certificate(cert).fingerprint256
}

test('openssl s_client is shown the certificate of the name that it calls', { skip: NO_OPENSSL }, () => {
  assert.equal(shownTo('open', ['-noservername']), fingerprint(server))
  assert.equal(shownTo('open', ['-servername', 'localhost']), fingerprint(server))
  assert.equal(shownTo('open', ['-servername', 'acme.example', '-tls1_2']), fingerprint(acme))
  assert.equal(shownTo('open', ['-servername', 'ACME.example', '-tls1_3']), fingerprint(acme))
})

describe('openssl s_client agrees with the listener', { skip: NO_OPENSSL }, () => {
  const [strong, weak] = ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-GCM-SHA256']
  for (const [listener, flags, isLetIn] of [
    ['open', ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'], false],
    ['open', ['-tls1_2', '-cipher', weak], true],
    ['modern', ['-tls1_2'], false],
    ['modern', ['-tls1_3'], true],
    ['picky', ['-tls1_2', '-cipher', strong], true],
    ['picky', ['-tls1_2', '-cipher', weak], false],
  ] as const) {
    test(`${listener}, ${flags.join(' ')}: ${isLetIn ? 'let in' : 'refused'}`, () => {
      assert.equal(shownTo(listener, flags), isLetIn ? fingerprint(server) : null)
    })
  }
})

/** Lines of the log that say so, of one listener. */
function count(msg: string): number {
  return broker.log.filter((line) => line.msg.startsWith(msg)).length
}

/** Sends SIGHUP, and waits until that is said. */
async function renew(msg: string): Promise<void> {
  const before = count(msg)
  broker.child.kill('SIGHUP')
  await broker.until(() => count(msg) > before)
}

describe('at SIGHUP', { skip: NO_OPENSSL }, () => {
  test('newcomers are shown what is on the disk; who is connected stays', async () => {
    const client = await connectClient(`mqtts://localhost:${portOf('open')}`, { ca: authority.ca })
    const next = authority.issue(['localhost', '127.0.0.1'])
    writeFileSync(file('server.key'), next.key)
    writeFileSync(file('server.pem'), next.cert)
    await renew('listener open has read its certificates anew')
    assert.equal(shownTo('open', []), fingerprint(next))
    await client.publishAsync('still/here', '', { qos: 1 })

    writeFileSync(file('server.pem'), 'torn')
    await renew('listener open keeps its certificates')
    assert.equal(shownTo('open', []), fingerprint(next))
    await client.publishAsync('still/here', '', { qos: 1 })
    const told = broker.log.find(({ msg }) => msg.startsWith('listener open keeps its certificates'))
    assert.match(JSON.stringify(told), /"detail":"listener open: tls\.certFile: [^"]*server\.pem: /)
  })

  test('a certificate that is revoked meanwhile is refused', { skip: NO_MOSQUITTO }, async () => {
    writeFileSync(file('server.pem'), server.cert)
    writeFileSync(file('server.key'), server.key)
    writeFileSync(file('crl.pem'), authority.revoke(stolen, meter))
    await renew('listener strict has read its certificates anew')
    assert.notEqual(await publish('strict', as('meter')), 0)
  })
})
