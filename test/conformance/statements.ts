/**
 * The statements of a standard, by the section that makes them: how many there are, numbered from 1 but where
 * a first number is given.
 */
type Sections = Readonly<Record<string, number | readonly [first: number, last: number]>>

/** Why a statement has no test or no tag. */
type Reasons = Readonly<Record<string, string>>

export interface Standard {
  readonly name: string
  readonly sections: Sections
  /** What a statement is called in the source, around its number: the two standards use the same numbers. */
  readonly tag: (id: string) => string
  /** Where tests of it are, from the root of the project, and those among them that are of another one. */
  readonly tests: string
  readonly otherTests: readonly string[]
  /** Statements that no test of a broker can show. */
  readonly untested: Reasons
  /** Statements that no line obeys: what obeys them is the platform, or that nothing is done. */
  readonly untagged: Reasons
}

/** MQTT Version 5.0, OASIS Standard, 2019. */
export const MQTT_5: Standard = {
  name: 'MQTT 5.0',
  sections: {
    '1.5.4': 3,
    '1.5.5': 1,
    '1.5.7': 1,
    '2.1.3': 1,
    '2.2.1': [2, 6],
    '2.2.2': 1,
    '3.1.0': 2,
    '3.1.2': 30,
    '3.1.3': 12,
    '3.1.4': 6,
    '3.2.0': 2,
    '3.2.2': 22,
    '3.3.1': 13,
    '3.3.2': 20,
    '3.3.4': 10,
    '3.4.2': 3,
    '3.5.2': 3,
    '3.6.1': 1,
    '3.6.2': 3,
    '3.7.2': 3,
    '3.8.1': 1,
    '3.8.3': 5,
    '3.8.4': 8,
    '3.9.2': 2,
    '3.9.3': 2,
    '3.10.1': 1,
    '3.10.3': 2,
    '3.10.4': 6,
    '3.11.2': 2,
    '3.11.3': 2,
    '3.12.4': 1,
    '3.14.0': 1,
    '3.14.1': 1,
    '3.14.2': 4,
    '3.14.4': 3,
    '3.15.1': 1,
    '3.15.2': 3,
    '4.1.0': 2,
    '4.2': 1,
    '4.3.1': 1,
    '4.3.2': 5,
    '4.3.3': 13,
    '4.4.0': 2,
    '4.5.0': 2,
    '4.6.0': 6,
    '4.7.0': 1,
    '4.7.1': 2,
    '4.7.2': 1,
    '4.7.3': 4,
    '4.8.2': 6,
    '4.9.0': 3,
    '4.12.0': 7,
    '4.12.1': 2,
    '4.13.1': 1,
    '4.13.2': 1,
    '6.0.0': 4,
  },
  tag: (id) => `[MQTT-${id}]`,
  tests: 'test/**/*.ts',
  otherTests: ['test/conformance/mqtt-3.1.1/**'],
  untested: {
    '3.2.2-4': 'what a client without session state makes of Session Present',
    '3.2.2-5': 'what a client with session state makes of Session Present',
    '3.3.2-10': 'binds clients: which aliases they accept',
  },
  untagged: {
    '3.2.2-4': 'binds clients only',
    '3.2.2-5': 'binds clients only',
    '3.3.2-10': 'binds clients: which aliases they accept',
    '3.3.4-8': 'binds clients; nothing is done that would hold their other packets back',
  },
}

/** MQTT Version 3.1.1 Plus Errata 01, OASIS Standard, 2015. */
export const MQTT_3_1_1: Standard = {
  name: 'MQTT 3.1.1',
  sections: {
    '1.5.3': 3,
    '2.2.2': 2,
    '2.3.1': 7,
    '3.1.0': 2,
    '3.1.2': 24,
    '3.1.3': 11,
    '3.1.4': 5,
    '3.2.0': 1,
    '3.2.2': 6,
    '3.3.1': 12,
    '3.3.2': 3,
    '3.3.4': 1,
    '3.3.5': 2,
    '3.6.1': 1,
    '3.8.1': 1,
    '3.8.3': 4,
    '3.8.4': 6,
    '3.9.3': 2,
    '3.10.1': 1,
    '3.10.3': 2,
    '3.10.4': 6,
    '3.12.4': 1,
    '3.14.1': 1,
    '3.14.4': 3,
    '4.1.0': 2,
    '4.3.1': 1,
    '4.3.2': 2,
    '4.3.3': 2,
    '4.4.0': 1,
    '4.5.0': 2,
    '4.6.0': 6,
    '4.7.1': 3,
    '4.7.2': 1,
    '4.7.3': 4,
    '4.8.0': 2,
    '6.0.0': 4,
  },
  tag: (id) => `[3.1.1 MQTT-${id}]`,
  tests: 'test/conformance/mqtt-3.1.1/*.ts',
  otherTests: [],
  untested: {},
  untagged: {
    '2.3.1-2': 'binds clients: an identifier in use is that of the message that has it [3.1.1 MQTT-4.3.3-2]',
    '3.1.2-23': 'binds clients: who is silent for longer meets [3.1.1 MQTT-3.1.2-24]',
    '4.5.0-2': 'binds clients: what they do not acknowledge is sent again [3.1.1 MQTT-4.4.0-1]',
  },
}

/** The numbers of a standard's statements, as `3.1.2-4`. */
export function statementsOf({ sections }: Standard): string[] {
  return Object.entries(sections).flatMap(([section, numbers]) => {
    const [first, last] = typeof numbers === 'number' ? [1, numbers] : numbers
    return Array.from({ length: last - first + 1 }, (_, place) => `${section}-${first + place}`)
  })
}
