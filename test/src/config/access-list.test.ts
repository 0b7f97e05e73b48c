import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AccessList } from '../../../src/config/access-list.ts'
import { GrantTree } from '../../../src/router/grant-tree.ts'

function listOf(text: string): AccessList {
  return new AccessList(text.split('\n').map((line, index) => ({ text: line, place: `acl:${index + 1}` })))
}

type Action = 'publish' | 'subscribe' | 'receive'

function answers(acl: AccessList, username: string | undefined, clientId = 'c1') {
  const tree = new GrantTree(acl.rulesOf(username), { clientId, username, tenant: 'acme', attributes: {} })
  return (action: Action, topic: string) => tree.answer({ action, topic, qos: 0, retain: false, share: '' })
}

const acl = listOf(`topic read news/#
user ann bell
topic write in/ann
topic both and
topic readwrite all/#
topic deny all/secret
pattern read to/%u/#
pattern write from/%c`)

describe('an access list', () => {
  it('allows what a rule of the user, or a pattern for all, allows, and nothing else', () => {
    const may = answers(acl, 'ann bell')
    assert.deepEqual(
      [
        may('publish', 'in/ann'),
        may('receive', 'in/ann'),
        may('publish', 'both and'),
        may('publish', 'from/c1'),
      ],
      ['allow', 'none', 'allow', 'allow'],
    )
    assert.deepEqual(
      [may('receive', 'to/ann bell/x'), may('receive', 'to/bob/x'), may('receive', 'news/a')],
      ['allow', 'none', 'none'],
    )
    assert.equal(answers(acl, 'bob')('publish', 'in/ann'), 'none')
  })

  it('lets a denial outweigh what is allowed', () => {
    const may = answers(acl, 'ann bell')
    assert.deepEqual([may('publish', 'all/a'), may('publish', 'all/secret')], ['allow', 'deny'])
  })

  it('gives rules before any user to those without a user name alone', () => {
    assert.equal(answers(acl, undefined)('receive', 'news/a'), 'allow')
    assert.equal(answers(acl, undefined)('receive', 'to/x/y'), 'none')
  })

  it('lets everybody subscribe, and decides of receiving even where it has no rule of it', () => {
    const tree = new GrantTree(listOf('user x').rulesOf('ann'), {
      clientId: 'c',
      username: 'ann',
      tenant: 'acme',
      attributes: {},
    })
    assert.ok(tree.names('receive') && tree.names('publish'))
    for (const filter of ['#', 'a/+/b', '$SYS/#', '$SYS/broker/+'])
      assert.equal(answers(listOf('user x'), 'ann')('subscribe', filter), 'allow', filter)
  })

  it('takes names as text: with a wildcard, a separator or a $ they reach nothing', () => {
    for (const name of ['+', '#', 'a/b', '$SYS', ''])
      assert.equal(answers(acl, name)('receive', 'to/bob/x'), 'none', name)
    assert.equal(answers(acl, 'ann', '+')('publish', 'from/c1'), 'none')
  })

  it('names the line of a mistake', () => {
    const wrong: [string, RegExp][] = [
      ['topic a\ntopik b', /^acl:2 expected user NAME/],
      ['topic a/#/b', /^acl:1 "a\/#\/b" is no topic filter/],
      ['topic a+', /^acl:1 "a\+" is no topic filter/],
      ['pattern read a%u', /^acl:1 %c or %u must be the whole level/],
      ['pattern read {clientId}', /^acl:1 a pattern has %c and %u/],
      ['topic {tenant}/a', /^acl:1 a topic has no \{placeholder\}/],
    ]
    for (const [text, message] of wrong)
      assert.throws(() => listOf(text), { code: 'ERR_CONFIG_INVALID', message }, text)
  })
})
