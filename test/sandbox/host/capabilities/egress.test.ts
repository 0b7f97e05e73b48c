import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PUBLIC_INTERNET, resolveHost } from '../../../../sandbox/host/capabilities/egress.ts'
import { LOOPBACK } from '../../../support/egress-stage.ts'

describe('a host', () => {
  it('is judged strictly, where nothing else is said', async () => {
    for (const literal of ['127.0.0.1', '[::1]', '[::ffff:10.0.0.5]', '[fe80::1]', '169.254.169.254']) {
      await assert.rejects(resolveHost(PUBLIC_INTERNET, literal), { code: 'notAllowed' }, literal)
    }
    assert.deepEqual(await resolveHost(PUBLIC_INTERNET, '93.184.216.34'), ['93.184.216.34'])
    assert.deepEqual(await resolveHost(PUBLIC_INTERNET, '[2606:4700::1111]'), ['2606:4700::1111'])
  })

  it('without addresses, or with a flood of them, leads nowhere', async () => {
    for (const addresses of [[], Array.from({ length: 65 }, () => '127.0.0.1')]) {
      const egress = { ...LOOPBACK, lookup: () => Promise.resolve(addresses) }
      await assert.rejects(resolveHost(egress, 'a.test'), { code: 'unavailable' })
    }
  })
})
