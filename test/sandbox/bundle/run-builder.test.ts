import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bundlerPath } from '../../../sandbox/bundle/own-program.ts'
import type { BuildRequest } from '../../../sandbox/bundle/build-messages.ts'
import { runBuilder } from '../../../sandbox/bundle/run-builder.ts'
import { BUILDS_AT_ONCE, BUILDS_WAITING } from '../../../sandbox/limits.ts'

const REQUEST: BuildRequest = {
  bundler: bundlerPath(),
  main: 'plugin.js',
  packages: false,
  files: [['plugin.js', 'export default {}']],
  sdk: [],
  globals: [],
  injected: {},
  sdkEntry: '',
}

test('a builder that cannot do its work is a reply, not a rejection', async () => {
  assert.ok('gaveUp' in (await runBuilder({ ...REQUEST, bundler: '/nowhere' })))
  assert.ok('code' in (await runBuilder(REQUEST)))
})

test('a build that nobody wants any more ends at once, and one that waits does not begin', async () => {
  const stopping = new AbortController()
  const builds = Array.from({ length: BUILDS_AT_ONCE + 1 }, () => runBuilder(REQUEST, stopping.signal))
  stopping.abort()
  for (const build of builds) assert.deepEqual(await build, { gaveUp: 'nobody wants it any more' })
})

test('past the bound of those that wait, a build is refused at once', async () => {
  const quick = { ...REQUEST, bundler: '/nowhere' }
  const builds = Array.from({ length: BUILDS_AT_ONCE + BUILDS_WAITING + 1 }, () => runBuilder(quick))
  // the first refused settles long before the first that was taken: it runs no process
  const refused = await Promise.any(
    builds.map((build) => build.then(() => Promise.reject(new Error()), String)),
  )
  assert.match(refused, /too many builds wait already/)
  const settled = await Promise.allSettled(builds)
  assert.equal(settled.filter(({ status }) => status === 'rejected').length, 1)
})
