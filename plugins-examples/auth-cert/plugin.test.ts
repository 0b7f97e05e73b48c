import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { loadPlugin } from 'bulkhead/test'

const plugin = await loadPlugin(import.meta.dirname, { config: { uri_domain: 'my.domain.name' } })
after(() => plugin.close())

async function verdictOn(clientId: string, subjectAltNames?: readonly string[]): Promise<unknown> {
  const tls = { subject: 'CN=device', fingerprint256: '', serverName: '' }
  const event = subjectAltNames === undefined ? { clientId } : { clientId, tls: { ...tls, subjectAltNames } }
  return (await plugin.authenticate(event)).verdict?.verdict
}

test('a device is admitted under the client identifier that its certificate names', async () => {
  const names = ['DNS:my.domain.name', 'URI:spiffe://my.domain.name/device/meter-7']
  assert.equal(await verdictOn('meter-7', names), 'allow')
  assert.equal(await verdictOn('meter-8', names), 'deny')
})

test('a name of another domain, of another form, or one of several, admits nobody', async () => {
  for (const names of [
    ['URI:spiffe://evil.example/device/meter-7'],
    ['URI:spiffe://evil.my.domain.name/device/meter-7'],
    ['URI:spiffe://my.domain.name/device/a/meter-7'],
    ['URI:https://my.domain.name/device/meter-7'],
    ['DNS:spiffe://my.domain.name/device/meter-7'],
    ['URI:spiffe://my.domain.name/device/meter-7', 'URI:spiffe://my.domain.name/device/meter-8'],
    [],
  ])
    assert.equal(await verdictOn('meter-7', names), 'deny', names.join())
  assert.equal(await verdictOn('meter-7'), 'deny', 'without TLS')
})
