import { loadConfig } from './src/config/load-config.ts'
import { writeFileSync } from 'node:fs'
const bad = `listners:
  mqtt: { type: tcp, bind: "127.0.0.1:1883" }
listeners:
  mqtt: { type: tpc, bind: "127.0.0.1:1883" }
  web: { type: ws, bind: "8083" }
  x: { type: tcp }
mqtt:
  receiveMaximum: many
  maximumPacketSize: 10 MB
  recieveMaximum: 7
  maximumQos: 3
  retainAvailable: yes
anonymous: true
tenants:
  acme:
    match: { listener: nope, usernamePrefix: "acme:" }
    quotas: { connections: 0, messagesPerSec: lots, maximumPacketSize: 1GiB }
    plugins:
      ./gone: {}
      gate: { use: ./src, capabilites: {}, onFault: { authenticate: allow } }
      tok: { use: ./src, config: { x: "\${NOT_SET}" } }
    allow: { fetsh: true }
  b: {}
sandbox: { jail: hard, limits: { heapMiB: 1 } }
`
writeFileSync('/tmp/bad.yaml', bad)
try { await loadConfig('/tmp/bad.yaml', {}) } catch (e: any) { console.log(e.code, e.message, e.name==='BulkheadError'?'':e.stack) }
const l = await loadConfig({ plugins: { './src': {}, './sandbox': { a: 1 } }, anonymous: true, quotas: { retainedBytes: '10MiB' } }, { BULKHEAD_LISTENERS__MQTT__BIND: '127.0.0.1:0', BULKHEAD_MQTT__RECEIVE_MAXIMUM: '7' })
console.dir(l, { depth: 9 })
