import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'

const ROOT = join(import.meta.dirname, '..', '..')
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')

/** What the server says is wrong with a text. */
export interface Diagnostic {
  readonly message: string
  readonly range: { readonly start: { readonly line: number } }
}

interface Reply {
  readonly id?: number | string
  readonly method?: string
  readonly params?: { readonly items?: readonly unknown[] }
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

/** The compiler's language server, as an editor runs it: what it says of texts that are in no file. */
export class LanguageServer implements AsyncDisposable {
  readonly #server: ChildProcessByStdio<Writable, Readable, null>
  readonly #waiting = new Map<number | string, Waiting>()
  #received: Buffer = Buffer.alloc(0)
  #asked = 0

  private constructor() {
    this.#server = spawn(process.execPath, [TSC, '--lsp', '--stdio'], {
      cwd: ROOT,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    this.#server.stdout.on('data', (chunk: Buffer) => this.#read(chunk))
    this.#server.once('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the language server has ended'))
    })
  }

  static async start(): Promise<LanguageServer> {
    const server = new LanguageServer()
    await server.#ask('initialize', {
      processId: process.pid,
      rootUri: pathToFileURL(ROOT).href,
      capabilities: { textDocument: { hover: { contentFormat: ['markdown'] } } },
    })
    server.#send({ method: 'initialized', params: {} })
    return server
  }

  /** Opens a text as if it were this file of the repository. @returns its address. */
  open(path: string, text: string): string {
    const uri = pathToFileURL(join(ROOT, path)).href
    const textDocument = { uri, languageId: 'typescript', version: 1, text }
    this.#send({ method: 'textDocument/didOpen', params: { textDocument } })
    return uri
  }

  /** What a reader sees whose pointer rests there; places count from 0. */
  async hover(uri: string, line: number, character: number): Promise<string> {
    const at = { textDocument: { uri }, position: { line, character } }
    const result = (await this.#ask('textDocument/hover', at)) as { contents: { value: string } } | null
    return result?.contents.value ?? ''
  }

  async diagnostics(uri: string): Promise<readonly Diagnostic[]> {
    const result = await this.#ask('textDocument/diagnostic', { textDocument: { uri } })
    return (result as { items: readonly Diagnostic[] }).items
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ask('shutdown')
    this.#send({ method: 'exit' })
    this.#server.stdin.end()
  }

  #ask(method: string, params?: object): Promise<unknown> {
    this.#asked += 1
    const id = this.#asked
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#waiting.set(id, { resolve, reject })
    this.#send({ id, method, ...(params && { params }) })
    return promise
  }

  #send(message: object): void {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message })
    this.#server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
  }

  #read(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    for (;;) {
      const head = this.#received.indexOf('\r\n\r\n')
      if (head < 0) return
      const [, length] = /Content-Length: (\d+)/.exec(this.#received.toString('latin1', 0, head)) ?? []
      const end = head + 4 + Number(length)
      if (this.#received.length < end) return
      const reply = JSON.parse(this.#received.toString('utf8', head + 4, end)) as Reply
      this.#received = this.#received.subarray(end)
      this.#hear(reply)
    }
  }

  #hear({ id, method, params, result, error }: Reply): void {
    if (id === undefined) return
    // it asks an editor for settings, which has none
    if (method !== undefined) return this.#send({ id, result: params?.items?.map(() => null) ?? null })
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === undefined) waiting?.resolve(result)
    else waiting?.reject(new Error(error.message))
  }
}
