/**
 * The schema of a plugin's options: the safe subset of JSON Schema that the host accepts, and the type that
 * `ctx.config` gets from a literal of it. What is not here (pattern, anyOf, $ref, format, …) is a load error.
 */
export interface ConfigSchema {
  readonly type?: ConfigType | readonly [ConfigType, 'null']
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly description?: string
  /** Masked wherever the broker shows its configuration. */
  readonly secret?: boolean
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly items?: ConfigSchema
  readonly properties?: Readonly<Record<string, ConfigSchema>>
  readonly required?: readonly string[]
  /** Absent means `false`: an option that the schema does not name is a load error. */
  readonly additionalProperties?: false | ConfigSchema
}

export type ConfigType = 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null'

/** A plugin's options as a whole are an object. */
export type OptionsSchema = ConfigSchema & { readonly type: 'object' }

/**
 * A schema literal in which a key outside the subset has the type `never`: the compiler then says what the
 * load would say. (The type of a literal is inferred as it stands, so a plain constraint would let such keys
 * pass.)
 */
export type KnownKeysOnly<Schema> = {
  readonly [Key in keyof Schema]: Key extends keyof ConfigSchema
    ? Key extends 'properties'
      ? { readonly [Name in keyof Schema[Key]]: KnownKeysOnly<Schema[Key][Name]> }
      : Key extends 'items' | 'additionalProperties'
        ? KnownKeysOnly<Schema[Key]>
        : Schema[Key]
    : never
}

/** The type of `ctx.config` for a schema literal. What is required, or has a default, is there. */
export type FromSchema<Schema> = Schema extends { readonly const: infer Value }
  ? Value
  : Schema extends { readonly enum: readonly (infer Value)[] }
    ? Value
    : Schema extends { readonly type: readonly (infer Type)[] }
      ? FromType<Schema, Type>
      : Schema extends { readonly type: infer Type }
        ? FromType<Schema, Type>
        : unknown

type FromType<Schema, Type> = Type extends 'string'
  ? string
  : Type extends 'number' | 'integer'
    ? number
    : Type extends 'boolean'
      ? boolean
      : Type extends 'null'
        ? null
        : Type extends 'array'
          ? readonly FromSchema<Schema extends { readonly items: infer Items } ? Items : unknown>[]
          : FromObject<Schema>

type FromObject<Schema> = Flat<FromProperties<Schema> & FromAdditional<Schema>>

type FromProperties<Schema> = Schema extends { readonly properties: infer Properties }
  ? { readonly [Key in Present<Schema, Properties>]: FromSchema<Properties[Key]> } & {
      readonly [Key in Exclude<keyof Properties, Present<Schema, Properties>>]?: FromSchema<Properties[Key]>
    }
  : unknown

type FromAdditional<Schema> = Schema extends { readonly additionalProperties: infer Additional }
  ? Additional extends false
    ? unknown
    : Readonly<Record<string, FromSchema<Additional>>>
  : unknown

type Present<Schema, Properties> = {
  [Key in keyof Properties]: Properties[Key] extends { readonly default: unknown }
    ? Key
    : Schema extends { readonly required: readonly (infer Required)[] }
      ? Key extends Required
        ? Key
        : never
      : never
}[keyof Properties]

/** Shows a reader of the editor's hint one object, not an intersection. */
type Flat<Value> = { [Key in keyof Value]: Value[Key] }
