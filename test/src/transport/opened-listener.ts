import { after } from 'node:test'
import { type Listener, type ListenerSettings, openListener } from '../../../src/transport/listener.ts'
import type { TurnedAwayWhy } from '../../../src/transport/turned-away.ts'
import type { Wire } from '../../../src/transport/wire.ts'
import { settingsOf } from './listener-settings.ts'
import { RecordedEvents } from './recorded-events.ts'

/** A listener, and whoever it let in or turned away. */
export interface Opened {
  readonly listener: Listener
  readonly wires: readonly { readonly wire: Wire; readonly events: RecordedEvents }[]
  readonly turnedAway: readonly (readonly [why: TurnedAwayWhy, remoteAddress: string, detail: string])[]
  /** Waits until so many were let in, or turned away. */
  until(what: 'wires' | 'turnedAway', count: number): Promise<void>
}

export async function openFor(type: 'tcp' | 'ws', over: Partial<ListenerSettings> = {}): Promise<Opened> {
  const wires: { wire: Wire; events: RecordedEvents }[] = []
  const turnedAway: [TurnedAwayWhy, string, string][] = []
  let wake: (() => void) | null = null
  const listener = await openListener(
    { ...settingsOf('in', type), maxConnections: 10, ...over },
    (attach) => {
      const events = new RecordedEvents()
      const wire = attach(events)
      wires.push({ wire, events })
      after(() => wire.destroy())
      wake?.()
    },
    {
      turnedAway: (_name, ...how) => {
        turnedAway.push(how)
        wake?.()
      },
      renewed: () => undefined,
    },
  )
  after(() => listener.close())
  return {
    listener,
    wires,
    turnedAway,
    until: async (what, count) => {
      while ((what === 'wires' ? wires : turnedAway).length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
