import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LISTENER_SCHEMA } from '../../../src/config/listener-schema.ts'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder()
folder.write('c.pem', '')

test('every key of a listener and of its TLS is described, and no other is known', async () => {
  const properties = LISTENER_SCHEMA['properties'] as Record<
    string,
    { description?: string; properties?: object }
  >
  const nested = Object.values({ ...properties, ...properties['tls']?.properties }) as {
    description?: string
  }[]
  for (const { description } of nested) assert.ok(description !== undefined && description.endsWith('.'))
  const tls = 'tls: { certFile: c.pem, keyFile: c.pem, minVerson: TLSv1.3 }'
  const yaml = `listeners:\n  in: { type: tcp, bind: "127.0.0.1:0", conectsPerSec: 1, ${tls} }\n`
  assert.deepEqual(
    (await folder.mistakes(yaml)).map((line) => line.replace(/^\S+ /, '')),
    [
      'listeners.in: unknown key "conectsPerSec"; did you mean "connectsPerSec"?',
      'listeners.in.tls: unknown key "minVerson"; did you mean "minVersion"?',
    ],
  )
})
