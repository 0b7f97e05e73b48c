import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder('gate')

/** The options of the one plugin. */
async function options(written: string, env: NodeJS.ProcessEnv = {}): Promise<unknown> {
  return (await folder.tenant(`plugins: { ./gate: ${written} }`, env)).plugins[0]?.options
}

describe('${NAME}', () => {
  it('is the environment variable, anywhere in any text', async () => {
    const env = { USER_NAME: 'alice', HOST: '127.0.0.1' }
    assert.deepEqual(await options('{ users: ["${USER_NAME}@${HOST}"] }', env), {
      users: ['alice@127.0.0.1'],
    })
    const { config } = await folder.load('listeners: { mqtt: { type: tcp, bind: "${HOST}:1" } }', env)
    assert.equal(config.listeners[0]?.host, '127.0.0.1')
  })

  it('stays a text, whatever the variable holds, and is not read again', async () => {
    assert.deepEqual(await options('{ n: "${N}", again: "${AGAIN}" }', { N: '7', AGAIN: '${N}' }), {
      n: '7',
      again: '${N}',
    })
  })

  it('is meant as it stands behind another $', async () => {
    assert.deepEqual(await options('{ text: "$${N}" }'), { text: '${N}' })
  })

  it('that is not set, or no name, is a mistake with its place', async () => {
    assert.deepEqual(await folder.mistakes('settings:\n  a: "${NOT_SET}"\n  b: "${no name}"'), [
      'broker.yaml:2:6 settings.a: the environment variable NOT_SET is not set',
      'broker.yaml:3:6 settings.b: ${no name} names no environment variable; write $${ for a plain ${',
    ])
  })
})

describe('a …File key of a secret', () => {
  it('is the secret that the file holds, without the line break at its end', async () => {
    folder.write('token.txt', 'hunter2\n')
    assert.deepEqual(await options('{ deep: { apiTokenFile: token.txt } }'), {
      deep: { apiToken: 'hunter2' },
    })
  })

  it("is any key of a plugin's secrets, but not of an option that happens to be called so", async () => {
    folder.write('key.txt', 'hunter2\n')
    const yaml = 'plugins: { gate: { use: ./gate, secrets: { keyFile: key.txt, other: "${K}" } } }'
    const { plugins } = await folder.tenant(yaml, { K: 'k' })
    assert.deepEqual(plugins[0]?.secrets, { key: 'hunter2', other: 'k' })
    const listed = await folder.tenant(yaml.replace('{', '[{').replace(/$/, ']'), { K: 'k' })
    assert.deepEqual(listed.plugins[0]?.secrets, { key: 'hunter2', other: 'k' })
    assert.deepEqual(await options('{ secrets: { keyFile: key.txt } }'), { secrets: { keyFile: 'key.txt' } })
  })

  it('of another kind is left to the plugin', async () => {
    assert.deepEqual(await options('{ logFile: token.txt, password_file: x }'), {
      logFile: 'token.txt',
      password_file: 'x',
    })
  })

  it('whose file is not there, or whose secret is given too, is a mistake', async () => {
    folder.write('secret.txt', 'x')
    const yaml = 'settings:\n  aSecretFile: gone.txt\n  bToken: y\n  bTokenFile: secret.txt'
    const [gone, both] = await folder.mistakes(yaml)
    assert.match(
      String(gone),
      /^broker\.yaml:2:16 settings\.aSecretFile: the secret's file cannot be read: ENOENT/,
    )
    assert.equal(both, 'broker.yaml:4:3 settings: "bToken" and "bTokenFile" are both given')
  })
})
