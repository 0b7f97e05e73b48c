/** How a command ends: mosquitto's numbers where it has one. */
export const EXIT = {
  ok: 0,
  error: 1,
  usage: 2,
  /** `-W` expired. */
  timedOut: 27,
  interrupted: 130,
} as const
