import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, readlinkSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { test } from 'node:test'
import { processTree } from '../../../sandbox/host/cells/process-tree.ts'
import { killLaunched, launch, tryCommand } from '../../../sandbox/host/jail/launch.ts'
import { findProgram } from '../../../sandbox/host/jail/programs.ts'
import { probeJail, raiseJail } from '../../../sandbox/host/jail.ts'
import { aroundNode, BOUNDS, inCell, JAILS, missing, Waiting, withProgram } from '../../support/jailed.ts'
import { eventually, isRunning } from '../../support/processes.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const { auto, 'no bwrap': noBwrap } = JAILS

const DENIED: Readonly<Record<string, string>> = {
  'read files': "require('node:fs').readFileSync('/etc/hostname')",
  'write files': "require('node:fs').writeFileSync('/tmp/x', '')",
  'list folders': "require('node:fs').readdirSync('/')",
  'start processes': "require('node:child_process').spawnSync('true')",
  'start workers': "new (require('node:worker_threads').Worker)('1', { eval: true })",
  'open an inspector': "require('node:inspector').open(0)",
  'have an inspector session': "new (require('node:inspector').Session)().connect()",
  "reach Node's internals": "process.binding('spawn_sync')",
  'run WASI': "new (require('node:wasi').WASI)({ version: 'preview1' })",
}

const SOCKETS: Readonly<Record<string, string>> = {
  connect: "require('node:net').connect(9, '127.0.0.1').on('error', told)",
  listen: "require('node:net').createServer().on('error', told).listen(0)",
  'send datagrams': "require('node:dgram').createSocket('udp4').on('error', told).send('x', 9, '127.0.0.1')",
  'ask for names': "require('node:dns').lookup('localhost', told)",
}

for (const [name, jail] of Object.entries(JAILS)) {
  for (const [what, code] of Object.entries(DENIED)) {
    test(`a cell (${name}) cannot ${what}`, async () => {
      const said = await inCell(jail, `try { ${code}; say('done') } catch (error) { say(error.code) }`)
      assert.match(said, /^ERR_ACCESS_DENIED$|^ERR_INSPECTOR_NOT_AVAILABLE$/)
    })
  }

  for (const [what, code] of Object.entries(SOCKETS)) {
    test(`a cell (${name}) cannot ${what}`, async () => {
      const tried = `const told = (error) => say(error?.code ?? 'done')
        try { ${code} } catch (error) { told(error) }`
      assert.equal(await inCell(jail, tried), 'ERR_ACCESS_DENIED')
    })
  }

  test(`a cell (${name}) has no environment, no arguments, no WebAssembly`, async () => {
    const facts = '[process.env, process.argv.slice(1), typeof WebAssembly]'
    const said = await inCell(jail, `say(JSON.stringify(${facts}))`)
    // bwrap says where it went
    assert.match(said, /^\[\{("PWD":"\/")?\},\["-"\],"undefined"\]$/)
  })

  test(`a cell (${name}) opens no inspector when it is told to by SIGUSR1`, async () => {
    const cell = await Waiting.start(jail)
    let last = ''
    cell.child.stderr?.on('data', (chunk: Buffer) => (last += chunk.toString()))
    process.kill(cell.pid, 'SIGUSR1')
    cell.release()
    await once(cell.child, 'close')
    assert.doesNotMatch(last, /Debugger/)
  })
}

test('a layer that does not stand says why, and what would mend it', async () => {
  const { layers } = await probeJail((name) => (name === 'setpriv' ? undefined : findProgram(name)), false)
  const layer = layers.find(({ name }) => name === 'parent-death')
  assert.deepEqual(layer, {
    name: 'parent-death',
    stands: false,
    detail: 'setpriv is not installed',
    mend: 'Install util-linux.',
  })
})

const whole = auto?.layers.every(({ stands }) => stands) === true
test('strict refuses to start, and names all that is missing with its remedy', {
  skip: whole ? 'all layers stand here' : false,
}, async () => {
  const lacking = auto?.layers.filter(({ stands }) => !stands) ?? []
  await assert.rejects(raiseJail('strict'), (error: Error & { code: string }) => {
    assert.equal(error.code, 'ERR_JAIL')
    for (const { name, detail, mend } of lacking) {
      assert.ok(mend !== '' && error.message.includes(`${name}: ${detail}. ${mend}`), error.message)
    }
    return true
  })
})

test('minimal is the process and the permission model', () => {
  assert.deepEqual(
    JAILS['minimal']?.layers.map((layer) => layer.name),
    ['process', 'permission', 'jitless'],
  )
})

test('files: a program behind the wall sees none of the machine', {
  skip: missing(auto, 'files'),
}, async () => {
  const secret = path.join(tempFolder({ secret: 'x' }), 'secret')
  const paths = [secret, '/etc/passwd', '/etc/hostname', '/proc', '/sys', '/dev', '/home', '/usr/bin/env']
  const look = 'try { require("node:fs").statSync(file); return file } catch (error) { return error.code }'
  const said = await aroundNode(auto, `say(${JSON.stringify(paths)}.map((file) => { ${look} }))`)
  assert.equal(said, paths.map(() => 'ENOENT').join())
})

test('files: a program that is not the cell is not even there', {
  skip: missing(auto, 'files'),
}, async () => {
  const command = withProgram(auto?.command(BOUNDS), ['/bin/cat', '/etc/passwd'])
  assert.ok(command !== undefined)
  const tried = await tryCommand(command, '')
  assert.match(tried.ok ? tried.said : tried.why, /cat: No such file or directory/)
})

for (const [name, jail] of Object.entries({ auto, 'no bwrap': noBwrap })) {
  const unwalled = missing(jail, 'namespaces')

  test(`namespaces (${name}): no connection arrives at a real listener`, { skip: unwalled }, async () => {
    const server = createServer().listen(0, '127.0.0.1')
    const inbox = createSocket('udp4').bind(0, '127.0.0.1')
    await Promise.all([once(server, 'listening'), once(inbox, 'listening')])
    let arrived = 0
    server.on('connection', () => (arrived += 1))
    inbox.on('message', () => (arrived += 1))
    const { port } = server.address() as AddressInfo
    const socket = "require('node:dgram').createSocket('udp4').on('error', refused)"
    const datagram = `const socket = ${socket}
        socket.send('x', ${inbox.address().port}, '127.0.0.1', () => socket.close())`
    const connect = `require('node:net').connect(${port}, '127.0.0.1', () => say('in')).on('error', refused)`
    const said = await aroundNode(
      jail,
      `const refused = (error) => say(error.code + ' ')
      const ways = [() => { ${datagram} }, () => { ${connect} }]
      for (const go of ways) try { go() } catch (error) { refused(error) }`,
    )
    server.close()
    inbox.close()
    assert.match(said, /^((ENOSYS|EPERM|ENETUNREACH|ECONNREFUSED) ?)+$/)
    assert.equal(arrived, 0)
  })

  test(`namespaces (${name}): the broker is no process to be signalled`, { skip: unwalled }, async () => {
    const kill = `try { process.kill(${process.pid}, 0); say('hit') } catch (error) { say(error.code) }`
    assert.match(await aroundNode(jail, kill), /^(ESRCH|ENOSYS)$/)
  })

  test(`namespaces (${name}): each is another than the broker's`, { skip: unwalled }, async () => {
    const cell = await Waiting.start(jail)
    const kinds = ['user', 'net', 'mnt', 'pid', 'ipc', 'uts']
    const shared = kinds.filter(
      (kind) => readlinkSync(`/proc/self/ns/${kind}`) === readlinkSync(`/proc/${cell.pid}/ns/${kind}`),
    )
    await cell.end()
    assert.deepEqual(shared, [])
  })

  test(`a cell (${name}) has no privileges and gains none`, {
    skip: missing(jail, 'parent-death'),
  }, async () => {
    const cell = await Waiting.start(jail)
    const status = cell.proc('status')
    await cell.end()
    assert.match(status, /^NoNewPrivs:\s+1$/m)
    if (unwalled === false) assert.match(status, /^CapEff:\s+0+$/m)
  })

  test(`user (${name}): a cell is not root`, { skip: missing(jail, 'user') }, async () => {
    const cell = await Waiting.start(jail)
    const status = cell.proc('status')
    await cell.end()
    assert.doesNotMatch(status, /^[UG]id:.*\s0\b/m)
  })

  test(`rlimits (${name}): memory, descriptors, dumps and files`, {
    skip: missing(jail, 'rlimits'),
  }, async () => {
    const cell = await Waiting.start(jail)
    const limits = cell.proc('limits')
    await cell.end()
    assert.match(limits, /Max data size\s+314572800\s+314572800/)
    assert.match(limits, /Max address space\s+1800000000\s+1800000000/)
    assert.match(limits, /Max core file size\s+0\s+0/)
    assert.match(limits, /Max file size\s+0\s+0/)
    assert.match(limits, /Max open files\s+64\s+64/)
    if (unwalled === false) assert.match(limits, /Max processes\s+64\s+64/)
  })

  test(`rlimits (${name}): the memory wall holds`, { skip: missing(jail, 'rlimits') }, async () => {
    const hoard = `
      const held = []
      try { for (;;) held.push(Buffer.alloc(16 << 20, 1)) } catch {}
      say(held.length * 16)`
    const heldMiB = Number(await aroundNode(jail, hoard))
    assert.ok(heldMiB > 64 && heldMiB < 300, `${heldMiB} MiB`)
  })

  test(`a killed cell (${name}) leaves no process behind`, async () => {
    const cell = await Waiting.start(jail)
    const tree = processTree(cell.child.pid ?? 0)
    await cell.end()
    await eventually(() => !tree.some(isRunning))
  })

  test(`a cell (${name}) has its four descriptors and no more of the broker's`, {
    skip: existsSync('/proc/self/fd') ? false : 'this system has no /proc',
  }, async () => {
    const command = jail?.command(BOUNDS)
    assert.ok(command !== undefined)
    const open = '[...Array(64).keys()].filter((fd) => { try { fs.fstatSync(fd); return true } catch {} })'
    // those of Node itself are close-on-exec: what a program started by it would see is what it was given
    const kinds = `const fs = require('node:fs'); say(${open}.map((fd) => fs.fstatSync(fd).isSocket()))`
    const said = await aroundNode(jail, kinds)
    assert.equal(said.split(',').filter((socket) => socket === 'true').length, 3)
  })
}

test('rlimits: processes are bounded', {
  skip: missing(noBwrap, 'namespaces') || missing(noBwrap, 'user'),
}, async () => {
  const command = withProgram(noBwrap?.command(BOUNDS), [
    findProgram('sh') ?? '',
    '-c',
    'i=0; while [ $i -lt 80 ]; do sleep 60 & i=$((i+1)); done; echo "$i started" >&2; exit 1',
  ])
  assert.ok(command !== undefined)
  const tried = await tryCommand(command, '')
  assert.match(tried.ok ? '' : tried.why, /fork/i)
})

const unfiltered = missing(auto, 'seccomp')

test('seccomp: the kernel filters', { skip: unfiltered }, async () => {
  const cell = await Waiting.start(auto)
  const status = cell.proc('status')
  await cell.end()
  assert.match(status, /^Seccomp:\s+2$/m)
})

const REFUSED: Readonly<Record<string, readonly [code: string, error: RegExp]>> = {
  'no process starts': ["throw require('node:child_process').spawnSync(process.execPath).error", /^ENOSYS$/],
  'nothing is opened for writing': ["require('node:fs').writeFileSync('/x', '')", /^EPERM$/],
  'no folder is made': ["require('node:fs').mkdirSync('/x')", /^ENOSYS$/],
  'no priority is changed': ["require('node:os').setPriority(0, 5)", /^ERR_SYSTEM_ERROR$/],
}
for (const [what, [code, error]] of Object.entries(REFUSED)) {
  test(`seccomp: ${what}`, { skip: unfiltered }, async () => {
    assert.match(await aroundNode(auto, `try { ${code}; say('done') } catch (e) { say(e.code) }`), error)
  })
}

test('seccomp: without jit, no generated code runs', { skip: unfiltered }, async () => {
  const command = withProgram(auto?.command({ ...BOUNDS, isolates: 16 }), [process.execPath, '-'])
  assert.ok(command !== undefined)
  const tried = await tryCommand(command, "require('node:fs').writeSync(3, 'ran')")
  assert.equal(tried.ok, false)
})

test('a cell with jit has its JIT, and all other layers', { skip: missing(auto, 'namespaces') }, async () => {
  const command = auto?.command({ ...BOUNDS, jit: true })
  assert.ok(command !== undefined)
  const tried = await tryCommand(command, "require('node:fs').writeSync(3, typeof WebAssembly)")
  assert.deepEqual(tried, { ok: true, said: 'object' })
})

for (const [name, jail] of Object.entries(JAILS)) {
  test(`a cell (${name}) that is stuck is killed, and reaped before its end is told`, {
    skip: existsSync('/proc/self/stat') ? false : 'this system has no /proc',
  }, async () => {
    const command = jail?.command(BOUNDS)
    assert.ok(command !== undefined)
    const child = launch(command)
    child.stdin?.end("require('node:fs').writeSync(3, 'up'); [].includes.call({ length: 2 ** 53 - 1 }, 1)")
    await once(child.stdio[3] as Readable, 'data')
    const tree = processTree(child.pid ?? 0)
    killLaunched(child, command.waits)
    await once(child, 'exit')
    for (const pid of tree) assert.equal(existsSync(`/proc/${pid}`), false)
  })
}

test('a wrapper that does not see the end of its cell is killed as well', {
  skip: missing(auto, 'namespaces'),
}, async () => {
  const cell = await Waiting.start(auto)
  process.kill(cell.child.pid ?? 0, 'SIGSTOP')
  await cell.end()
  await eventually(() => !isRunning(cell.pid))
})
