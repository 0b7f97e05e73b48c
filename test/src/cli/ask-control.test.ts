import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { openControlSocket } from '../../../src/admin/control-socket.ts'
import type { ControlPorts } from '../../../src/admin/routes.ts'
import { runtimeFolder } from '../../../src/admin/socket-path.ts'
import { askControl } from '../../../src/cli/ask-control.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const PORTS: ControlPorts = {
  status: () => ({ ready: true }),
  explain: () => Promise.resolve(undefined),
  decision: (id) => ({ id }),
  refusals: () => [],
  stop: () => 0,
  reload: () => Promise.resolve({}),
}

const NO_ADMIN = (): Promise<never> => Promise.reject(new Error('nobody asks for it'))

test('a socket that a config names is found; one that is off is said to be off', async () => {
  const folder = tempFolder({
    'on.yaml': 'controlSocket: ./here.sock\nanonymous: true\n',
    'off.yaml': 'controlSocket: off\nanonymous: true\n',
  })
  const control = await openControlSocket(path.join(folder, 'here.sock'), PORTS, NO_ADMIN)
  const config = path.join(folder, 'on.yaml')
  assert.deepEqual(await askControl({ config }, '/v1/decisions/k-1'), { id: 'k-1' })
  await control.close()
  await assert.rejects(askControl({ config }, '/v1/decisions/k-1'), { code: 'ERR_CONTROL' })
  const off = path.join(folder, 'off.yaml')
  await assert.rejects(askControl({ config: off }, '/'), /controlSocket is off/)
})

test('what the broker does not understand is a mistake of who asks', async () => {
  const socket = path.join(tempFolder({}), 'a.sock')
  const control = await openControlSocket(socket, PORTS, NO_ADMIN)
  await assert.rejects(askControl({ socket }, '/v1/explain?tenant=a'), { code: 'ERR_USAGE' })
  await assert.rejects(askControl({ socket }, '/v1/decisions/no/thing'), { code: 'ERR_CONTROL' })
  await control.close()
})

test('without a word, the one broker of this user is found; of several, one must be chosen', async (t) => {
  const before = process.env['XDG_RUNTIME_DIR']
  process.env['XDG_RUNTIME_DIR'] = tempFolder({ 'bulkhead/stale.sock': '' })
  t.after(() => {
    if (before === undefined) delete process.env['XDG_RUNTIME_DIR']
    else process.env['XDG_RUNTIME_DIR'] = before
  })
  await assert.rejects(askControl({}, '/v1/decisions/k-1'), /no broker of this user answers/)
  const one = await openControlSocket(path.join(runtimeFolder(), '1.sock'), PORTS, NO_ADMIN)
  assert.deepEqual(await askControl({}, '/v1/decisions/k-1'), { id: 'k-1' })
  const two = await openControlSocket(path.join(runtimeFolder(), '2.sock'), PORTS, NO_ADMIN)
  await assert.rejects(askControl({}, '/v1/decisions/k-1'), /several brokers run: choose one by --socket/)
  await Promise.all([one.close(), two.close()])
})
