import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import type { Findings } from '../../../../src/cli/examine.ts'
import { pluginFolder } from '../../../support/plugin-folder.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { bulkhead } from '../bulkhead.ts'

const GATE = `import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  name: 'gate', version: '1.2.3', capabilities: { log: true },
  authenticate: () => allow(), authorizePublish: () => allow(),
})
`

describe('doctor', () => {
  it('shows versions, layers of the jail, and how a real cell does, without colours in a pipe', async () => {
    const { code, stdout, stderr } = await bulkhead(['doctor'])
    assert.equal(stderr, '')
    assert.match(stdout, /^Bulkhead \d+\.\d+\.\d+\n {2}node +\d+\.\d+\.\d+, V8 /)
    assert.match(stdout, /isolated-vm +\d+\.\d+\.\d+, fits this Node/)
    for (const layer of ['process', 'permission', 'jitless', 'namespaces', 'seccomp', 'cgroup']) {
      assert.match(stdout, new RegExp(`^ {2}(stands|missing) +${layer} +\\S`, 'm'))
    }
    assert.match(stdout, /first verdict +\d+ ms/)
    assert.equal(stdout.includes('\u001B'), false)
    assert.equal(code, 0)
  })

  it('shows with a config who decides what, the limits and the memory that it may come to', async (t) => {
    const folder = await pluginFolder(t, {
      'gate/plugin.ts': GATE,
      'broker.yaml': 'plugins: [./gate]\nsandbox: { limits: { rssMiB: 200 } }\n',
    })
    const { code, stdout } = await bulkhead(['doctor', '-c', `${folder}/broker.yaml`])
    assert.match(
      stdout,
      /tenant +default: plugins decide who connects; no plugin decides subscribe, receive: /,
    )
    assert.match(stdout, /plugin +gate 1\.2\.3: decides authenticate, authorizePublish; may use log\n/)
    assert.match(stdout, /limits +heap 32 MiB a plugin, 200 MiB a cell/)
    assert.match(
      stdout,
      /cells +1 tenant with plugins, at most \d+ cells at once \(from the memory\); 1 spare; /,
    )
    assert.match(stdout, /memory +200 MiB for 1 cell at their limits, of \d+ MiB\n/)
    assert.equal(code, 0)
  })

  it('says as JSON what it says to people, and a missing layer with its remedy', async () => {
    const folder = tempFolder({ setpriv: '#!/bin/sh\necho "setpriv: not here" >&2\nexit 1\n' })
    chmodSync(path.join(folder, 'setpriv'), 0o755)
    const PATH = `${folder}${path.delimiter}${process.env['PATH'] ?? ''}`
    const { code, stdout } = await bulkhead(['doctor', '--json'], '', { PATH })
    const findings = JSON.parse(stdout) as Findings
    assert.deepEqual(
      findings.layers.find(({ name }) => name === 'parent-death'),
      { name: 'parent-death', stands: false, detail: 'setpriv: not here', mend: 'Install util-linux.' },
    )
    assert.ok('firstVerdictMs' in findings.cell && findings.cell.firstVerdictMs > 0)
    assert.deepEqual([code, findings.sound], [0, true])
  })

  it('ends with 1 where a config wants strict, and a layer is missing', async (t) => {
    const folder = await pluginFolder(t, {
      'bin/setpriv': '#!/bin/sh\nexit 1\n',
      'broker.yaml': 'sandbox: { jail: strict }\n',
    })
    chmodSync(path.join(folder, 'bin/setpriv'), 0o755)
    const PATH = `${folder}/bin${path.delimiter}${process.env['PATH'] ?? ''}`
    const { code, stdout } = await bulkhead(['doctor', '-c', `${folder}/broker.yaml`], '', { PATH })
    assert.match(stdout, /jail +strict: refuses to start on this machine/)
    assert.equal(code, 1)
  })

  it('refuses a config with mistakes as a start would', async (t) => {
    const folder = await pluginFolder(t, { 'broker.yaml': 'listners: {}\n' })
    const { code, stderr } = await bulkhead(['doctor', '-c', `${folder}/broker.yaml`])
    assert.match(stderr, /ERR_CONFIG_INVALID/)
    assert.equal(code, 1)
  })
})
