type Options = Readonly<Record<string, unknown>>

/** An option's name as it is compared where several plugins share a section: `-` and `_` are alike. */
export function foldOption(name: string): string {
  return name.replaceAll('-', '_')
}

/** Of the options that several plugins share, those that this plugin's schema names, as it names them. */
export function ownOptions(schema: Options | undefined, shared: Options): Options {
  const names = new Map(optionNames(schema).map((name) => [foldOption(name), name]))
  const own = Object.entries(shared).flatMap(([key, value]) => {
    const name = names.get(foldOption(key))
    return name === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(own)
}

/** The options that a schema names. */
export function optionNames(schema: Options | undefined): string[] {
  const properties = schema?.['properties']
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : []
}
