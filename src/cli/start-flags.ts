/** aMQTT's `Broker(plugin_namespace=…)`, for the commands that load plugins by it. */
export const NAMESPACE_OPTION = [
  '--plugin-namespace <name>',
  "with aMQTT's older config form: the namespace in package.json whose plugins are loaded",
] as const
