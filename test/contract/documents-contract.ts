import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DOCUMENTS_OF_A_KIND } from '../../src/base/limits.ts'
import type { DocumentChange, DocumentStore } from '../../src/engine/engine.ts'

type Make = () => DocumentStore | Promise<DocumentStore>

/** What every engine promises of documents. */
export function documentsContract(name: string, make: Make): void {
  placesContract(name, make)
  changesContract(name, make)
  modelContract(name, make)
}

function placesContract(name: string, make: Make): void {
  test(`${name}: a document is named by tenant, kind and key, whatever characters they have`, async () => {
    const documents = await make()
    await documents.change([{ tenant: 'acme', kind: 'token', key: 'k', text: '1' }])
    for (const [tenant, kind, key] of [
      ['acme', 'toke', 'nk'],
      ['acmetoken', '', 'k'],
      ['', 'acme/token', 'k'],
      ['ACME', 'token', 'k'],
      ['acme', '__proto__', '__proto__'],
    ] as const) {
      assert.equal(await documents.get(tenant, kind, key), undefined)
      assert.deepEqual(await documents.list(tenant, kind, undefined, 10), [])
    }
    assert.equal((await documents.get('acme', 'token', 'k'))?.text, '1')
  })

  test(`${name}: a list is in the order of UTF-8 bytes, after \`after\`, no longer than asked`, async () => {
    const documents = await make()
    const keys = ['b', 'a', '￿', '😀', 'a\u0000', 'é']
    await documents.change(keys.map((key) => ({ tenant: '', kind: 'tenant', key, text: key })))
    const sorted = ['a', 'a\u0000', 'b', 'é', '￿', '😀']
    const listed = async (after: string | undefined, limit: number) =>
      (await documents.list('', 'tenant', after, limit)).map(({ key }) => key)
    assert.deepEqual(await listed(undefined, 10), sorted)
    assert.deepEqual(await listed('a', 2), sorted.slice(1, 3))
    assert.deepEqual(await listed('c', 10), sorted.slice(3))
    assert.deepEqual(await listed(undefined, 0), [])
  })
}

function version(key: string, text: string | null, ifRevision?: number): DocumentChange {
  return { tenant: 'acme', kind: 'version', key, text, ifRevision }
}

function empty(tenant: string, key: string, kind = 'k'): DocumentChange {
  return { tenant, kind, key, text: '' }
}

function changesContract(name: string, make: Make): void {
  test(`${name}: of several changes all are done, or none`, async () => {
    const documents = await make()
    assert.deepEqual(await documents.change([version('a', '1', 0), version('b', '1', 0)]), {
      ok: true,
      revision: 1,
    })
    const refused = await documents.change([
      version('a', '2', 1),
      version('c', '2', 0),
      version('b', null),
      version('b', '2', 1),
    ])
    assert.deepEqual(refused, { ok: false, place: 3, why: 'revision' })
    const listed = await documents.list('acme', 'version', undefined, 10)
    assert.deepEqual(
      listed.map(({ key, text, revision }) => [key, text, revision]),
      [
        ['a', '1', 1],
        ['b', '1', 1],
      ],
    )
  })

  test(`${name}: of writers that saw the same revision, one writes`, async () => {
    const documents = await make()
    const write = (text: string) =>
      documents.change([{ tenant: 'acme', kind: 'k', key: 'one', text, ifRevision: 0 }])
    const ended = await Promise.all(['a', 'b', 'c'].map(write))
    assert.deepEqual(
      ended.map(({ ok }) => ok),
      [true, false, false],
    )
    assert.equal((await documents.get('acme', 'k', 'one'))?.text, 'a')
  })

  test(`${name}: a revision is never given twice, not even after a delete`, async () => {
    const documents = await make()
    const write = async (text: string | null) => {
      const changed = await documents.change([{ tenant: 'acme', kind: 'k', key: 'one', text }])
      return changed.ok ? changed.revision : -1
    }
    assert.deepEqual([await write('a'), await write(null), await write('b')], [1, 2, 3])
    assert.equal((await documents.get('acme', 'k', 'one'))?.revision, 3)
  })

  test(`${name}: a tenant has so many of a kind; what is there can be changed, others have theirs`, async () => {
    const documents = await make()
    await documents.change(Array.from({ length: DOCUMENTS_OF_A_KIND }, (_, n) => empty('acme', `${n}`)))
    const full = await documents.change([empty('acme', '1'), empty('acme', 'more')])
    assert.deepEqual(full, { ok: false, place: 1, why: 'full' })
    for (const one of [empty('acme', '1'), empty('globex', 'more'), empty('acme', 'more', 'other')]) {
      assert.equal((await documents.change([one])).ok, true)
    }
  })
}

/** Whether the writer has seen what is there, something that is gone, nothing, or does not care. */
const SEEN = ['now', 'stale', 'nothing', 'whatever'] as const

const change = fc.record({
  tenant: fc.constantFrom('', 'a'),
  kind: fc.constantFrom('x', 'y'),
  key: fc.constantFrom('1', '2', '3'),
  text: fc.option(fc.string({ maxLength: 3 }), { nil: null }),
  seen: fc.constantFrom(...SEEN),
})

function modelContract(name: string, make: Make): void {
  test(`${name}: whatever is changed in whatever order, documents are what a plain map would be`, async () => {
    const documents = await make()
    let run = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), { maxLength: 8 }),
        async (all) => {
          run += 1
          let model = new Map<string, { text: string; revision: number }>()
          for (const changes of all) {
            const next = new Map(model)
            const known = (place: string) => model.get(place)?.revision ?? 0
            const asked = changes.map(({ tenant, kind, key, text, seen }) => {
              const own = { tenant: `${tenant}${run}`, kind, key, text }
              const now = known(placeOf(own))
              return { ...own, ifRevision: { now, stale: now + 1e9, nothing: 0, whatever: undefined }[seen] }
            })
            // a revision that was seen is that of before, whatever the same change has done already
            const isDone = asked.every(({ ifRevision, ...own }) => {
              const place = placeOf(own)
              if (ifRevision !== undefined && ifRevision !== (next.get(place)?.revision ?? 0)) return false
              if (own.text === null) next.delete(place)
              else next.set(place, { text: own.text, revision: -1 })
              return true
            })
            const changed = await documents.change(asked)
            assert.equal(changed.ok, isDone)
            if (!changed.ok) continue
            for (const document of next.values())
              if (document.revision === -1) document.revision = changed.revision
            model = next
          }
          for (const tenant of [`${run}`, `a${run}`]) {
            for (const kind of ['x', 'y']) {
              const listed = await documents.list(tenant, kind, undefined, 9)
              const expected = ['1', '2', '3'].flatMap((key) => {
                const document = model.get(placeOf({ tenant, kind, key }))
                return document === undefined ? [] : [{ key, ...document }]
              })
              assert.deepEqual(listed, expected)
            }
          }
        },
      ),
      { numRuns: 50 },
    )
  })
}

function placeOf({ tenant, kind, key }: { tenant: string; kind: string; key: string }): string {
  return JSON.stringify([tenant, kind, key])
}
