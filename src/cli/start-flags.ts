/** aMQTT's `Broker(plugin_namespace=…)`, for every command that loads a broker's config. */
export const NAMESPACE_OPTION = [
  '--plugin-namespace <name>',
  "with aMQTT's older config form: the namespace in package.json whose plugins are loaded",
] as const
