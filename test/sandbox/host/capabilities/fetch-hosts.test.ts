import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { checkUrl, grantedReach, insideOrigin } from '../../../../sandbox/host/capabilities/fetch-hosts.ts'

describe('the granted hosts', () => {
  it('are names with or without a port, in one spelling', () => {
    const hosts = ['API.example', 'api.example:8443', 'bücher.example', 'api.example.', '93.184.216.34']
    assert.deepEqual(
      [...grantedReach({ hosts }).hosts],
      ['api.example:443', 'api.example:8443', 'xn--bcher-kva.example:443', '93.184.216.34:443'],
    )
  })

  it('are none where the grant says more than a host, or nothing that is one', () => {
    const hosts = [
      'https://api.example',
      'a@api.example',
      'api.example/x',
      'a b',
      '',
      'a:99999',
      '*',
      1,
      null,
    ]
    assert.deepEqual([...grantedReach({ hosts }).hosts], ['*:443'])
    assert.throws(() => checkUrl('https://api.example/', grantedReach({ hosts: ['*'] })), {
      code: 'notAllowed',
    })
    for (const grant of [true, {}, { hosts: 'api.example' }] as const) {
      assert.deepEqual([...grantedReach(grant).hosts], [])
    }
  })
})

describe('a URL', () => {
  it('never leads to another host or port than the granted one, whatever it looks like', () => {
    const hosts = grantedReach({ hosts: ['api.example'] })
    const part = fc.oneof(
      fc.constantFrom(
        'api.example',
        'evil.example',
        '@',
        ':',
        '/',
        '\\',
        '?',
        '#',
        '.',
        '443',
        '8443',
        '\t',
        '%40',
        '。',
      ),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        try {
          const { origin, username, password } = checkUrl(`https://${parts.join('')}`, hosts)
          assert.deepEqual([origin, username, password], ['https://api.example', '', ''])
        } catch (error) {
          assert.match((error as { code: string }).code, /^(invalid|notAllowed)$/)
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('that is refused is told why, and what a host redirects to is not repeated', () => {
    const hosts = grantedReach({ hosts: ['api.example'] })
    const base = new URL('https://api.example/a')
    assert.throws(() => checkUrl('https://b.example:8443/', hosts), {
      message:
        'the host "b.example:8443" is not granted; ' +
        'the grant of `fetch` names all hosts, and ports other than 443',
    })
    assert.throws(
      () => checkUrl('//secret.example', hosts, base),
      ({ message }: Error) => !message.includes('secret'),
    )
    assert.equal(checkUrl('b?c#d', hosts, base).href, 'https://api.example/b?c')
    assert.throws(() => checkUrl(`https://api.example/${'a'.repeat(2048)}`, hosts), { code: 'invalid' })
  })
})

describe('an origin of the operator’s own network', () => {
  it('is a scheme, a host and a port, and nothing more', () => {
    assert.equal(insideOrigin('http://Auth.internal.:8080'), 'http://auth.internal:8080')
    assert.equal(insideOrigin('https://auth.internal:443/'), 'https://auth.internal')
    for (const written of [
      'auth.internal:8080',
      'http://auth.internal/user',
      'http://auth.internal?x',
      'http://user@auth.internal',
      'ftp://auth.internal',
      'http://',
      8080,
    ])
      assert.equal(insideOrigin(written), undefined, String(written))
  })

  it('opens http to itself, and to no other scheme, host or port', () => {
    const reach = grantedReach({ hosts: ['api.example'], private: ['http://auth.internal:8080'] })
    assert.equal(checkUrl('http://AUTH.internal:8080/user?a=1', reach).pathname, '/user')
    for (const url of [
      'http://auth.internal/user',
      'https://auth.internal:8080/user',
      'http://other.internal:8080/',
      'http://api.example/',
    ])
      assert.throws(() => checkUrl(url, reach), { code: 'notAllowed' }, url)
  })
})
