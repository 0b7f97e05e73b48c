import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import {
  CARRIERS,
  Carrier,
  ONCE_BITS,
  Property,
  VALUE_TYPES,
  ValueType,
} from '../../../src/codec/property.ts'

interface ForeignTables {
  readonly properties: Readonly<Record<string, number>>
  readonly propertiesTypes: Readonly<Record<string, string>>
}
const foreign = createRequire(import.meta.url)('mqtt-packet/constants.js') as ForeignTables

const FOREIGN_TYPES: Readonly<Record<string, number>> = {
  byte: ValueType.flag,
  int8: ValueType.flag,
  int16: ValueType.twoByteInteger,
  int32: ValueType.fourByteInteger,
  var: ValueType.variableByteInteger,
  string: ValueType.utf8String,
  binary: ValueType.binaryData,
  pair: ValueType.utf8StringPair,
}

test('the properties and their types are those that a foreign library lists', () => {
  const ours = [...VALUE_TYPES.keys()].filter((property) => VALUE_TYPES[property] !== 0)
  assert.deepEqual(
    ours,
    Object.values(foreign.properties).toSorted((a, b) => a - b),
  )
  for (const [name, property] of Object.entries(foreign.properties)) {
    assert.equal(VALUE_TYPES[property], FOREIGN_TYPES[foreign.propertiesTypes[name] ?? ''], name)
  }
})

test('every property has a place in the table', () => {
  for (const property of Object.values(Property)) assert.notEqual(CARRIERS[property], 0)
})

test('every property but the user property has a bit of its own', () => {
  const bits = Object.values(Property).map((property) => ONCE_BITS[property])
  assert.equal(new Set(bits).size, bits.length)
  assert.equal(ONCE_BITS[Property.userProperty], 0)
})

test('a user property may stand in every packet that has properties', () => {
  for (const carrier of Object.values(Carrier)) {
    assert.notEqual((CARRIERS[Property.userProperty] ?? 0) & carrier, 0)
  }
})
