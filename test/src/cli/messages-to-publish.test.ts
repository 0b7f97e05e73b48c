import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { it } from 'node:test'
import { type MessageFlags, messagesToPublish } from '../../../src/cli/messages-to-publish.ts'

async function payloads(flags: Partial<MessageFlags>, stdin: readonly string[] = []): Promise<string[]> {
  const all: string[] = []
  for await (const payload of messagesToPublish({ repeat: 1, ...flags }, Readable.from(stdin)))
    all.push(String(payload))
  return all
}

it('-l is a message a line, wherever the chunks of stdin end, empty lines too', async () => {
  assert.deepEqual(await payloads({ stdinLine: true }, ['on', 'e\ntw', 'o\n\nthree']), [
    'one',
    'two',
    '',
    'three',
  ])
})

it('-s is one message, line breaks and all', async () => {
  assert.deepEqual(await payloads({ stdinFile: true }, ['one\n', 'two\n']), ['one\ntwo\n'])
})

it('-m, -n and -f are published as often as --repeat says', async () => {
  assert.deepEqual(await payloads({ message: 'hi', repeat: 3 }), ['hi', 'hi', 'hi'])
  assert.deepEqual(await payloads({ nullMessage: true, repeat: 2 }), ['', ''])
})

it('a file that cannot be read is an error that names it', async () => {
  await assert.rejects(payloads({ file: '/no/such/file' }), { code: 'ERR_CLIENT', message: /no\/such\/file/ })
})

it('exactly one of them is to be given', async () => {
  await assert.rejects(payloads({}), { code: 'ERR_USAGE' })
  await assert.rejects(payloads({ message: '', nullMessage: true }), { code: 'ERR_USAGE' })
})
