import { loadConfig } from './src/config/load-config.ts'
import { showConfig } from './src/config/show-config.ts'
import { writeFileSync } from 'node:fs'
writeFileSync('/tmp/ok.yaml', `listeners:
  mqtt: { type: tcp, bind: "127.0.0.1:0" }
plugins:
  /work/main/src: { password: x, acl: { alice: [a/b, "\${HOME}"] }, e: {}, l: [] }
`)
console.log(showConfig(await loadConfig('/tmp/ok.yaml', { HOME: 'x'})))
