import { Ajv, type JSONSchemaType, type ValidateFunction } from 'ajv'
import { BulkheadError } from '../base/errors.ts'

const ajv = new Ajv({ strict: true })

/** A reader of one kind of document: what does not fit its schema is not used in part, or by guess. */
export class StoredJson<Value> {
  readonly #kind: string
  readonly #validate: ValidateFunction<Value>

  constructor(kind: string, schema: JSONSchemaType<Value>) {
    this.#kind = kind
    this.#validate = ajv.compile(schema)
  }

  /**
   * @param key of the document, for the message.
   * @throws BulkheadError ERR_STORE
   */
  read(key: string, text: string): Value {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (cause) {
      throw this.#damaged(key, 'it is no JSON', cause)
    }
    if (this.#validate(value)) return value
    const [error] = this.#validate.errors ?? []
    throw this.#damaged(key, `${error?.instancePath ?? ''} ${error?.message ?? ''}`.trim())
  }

  #damaged(key: string, why: string, cause?: unknown): BulkheadError {
    const message = `the stored ${this.#kind} ${JSON.stringify(key)} cannot be used: ${why}; restore a backup`
    return new BulkheadError('ERR_STORE', message, { cause })
  }
}
