import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { after, test } from 'node:test'
import { startBroker } from '../support/broker.ts'

// Debian's package belongs to Debian's own Python, which need not be the first in the path
const PYTHON = ['/usr/bin/python3', 'python3'].find(
  (python) => spawnSync(python, ['-c', 'import paho.mqtt.client']).status === 0,
)
const EXERCISE = path.join(import.meta.dirname, 'paho', 'exercise.py')
const TOPIC_ACL = path.join(import.meta.dirname, '..', '..', 'plugins-examples', 'topic-acl')
/** For both lists of the ACL. */
const ALLOWED = { anonymous: ['allowed/#'] }
const skip = PYTHON === undefined ? 'python3-paho-mqtt is not installed' : false

const { port } = await startBroker({
  anonymous: true,
  plugins: { [TOPIC_ACL]: { publish_acl: ALLOWED, subscribe_acl: ALLOWED } },
})

for (const [version, name] of [
  [4, 'MQTT 3.1.1'],
  [5, 'MQTT 5.0'],
] as const) {
  test(`paho, ${name}: each QoS, order, refusals, retained messages, wills`, {
    skip,
    timeout: 60_000,
  }, async () => {
    const child = spawn(PYTHON ?? '', [EXERCISE, String(port), String(version)])
    after(() => child.kill())
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString()
      })
    }
    const [code] = (await once(child, 'close')) as [number | null]
    assert.equal(said, '')
    assert.equal(code, 0)
  })
}
