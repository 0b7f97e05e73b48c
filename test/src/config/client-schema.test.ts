import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { CLIENT_SCHEMA } from '../../../src/config/client-schema.ts'

it('every key says what it is for', () => {
  const lacking: string[] = []
  const visit = (schema: unknown, at: string): void => {
    if (typeof schema !== 'object' || schema === null || at.startsWith('/$defs/plugin')) return
    for (const [key, child] of Object.entries((schema as { properties?: object }).properties ?? {})) {
      const { description, $ref } = child as { description?: string; $ref?: string }
      if (description === undefined && $ref === undefined) lacking.push(`${at}/${key}`)
      visit(child, `${at}/${key}`)
    }
  }
  visit(CLIENT_SCHEMA, '')
  assert.deepEqual(lacking, [])
})

it('is a schema by which others can check, too', () => {
  const ajv = new Ajv2020({ strict: false, useDefaults: true })
  const config: Record<string, unknown> = {}
  assert.equal(ajv.validate(CLIENT_SCHEMA, config), true)
  const { keep_alive, ping_delay, reconnect_retries, reconnect_max_interval, connection_timeout } = config
  // aMQTT's defaults
  assert.deepEqual(
    [keep_alive, ping_delay, reconnect_retries, reconnect_max_interval, connection_timeout],
    [10, 1, 2, 10, 60],
  )
})
