/**
 * Where a cell is. `overdue`: its frame was answered by policy, and it may still come to an end by itself.
 */
export type CellState = 'starting' | 'ready' | 'overdue' | 'stopped'

/**
 * What happens to a cell. `answered`: an answer that fits; `late`: the frame is past its time; `spent`: so
 * much past it that waiting is pointless; `hostile`: an answer that no cell of ours sends; `stop`: we want it
 * gone; `exited`: the process ended.
 */
export type CellEvent = 'answered' | 'late' | 'spent' | 'hostile' | 'stop' | 'exited'

/**
 * What is to be done: `announce` that it serves; `excuse` its frame by policy; `kill` it; `bury` what it
 * left.
 */
export type CellAction = 'none' | 'announce' | 'excuse' | 'kill' | 'bury'

export interface Step {
  readonly state: CellState
  readonly action: CellAction
}

const step = (state: CellState, action: CellAction): Step => ({ state, action })
const IGNORED = step('stopped', 'none')
const KILLED = step('stopped', 'kill')
const BURIED = step('stopped', 'bury')

/** The whole life of a cell: each state with each event. */
export const CELL_STEPS: Readonly<Record<CellState, Readonly<Record<CellEvent, Step>>>> = {
  starting: {
    answered: step('ready', 'announce'),
    late: KILLED,
    spent: KILLED,
    hostile: KILLED,
    stop: KILLED,
    exited: BURIED,
  },
  ready: {
    answered: step('ready', 'none'),
    late: step('overdue', 'excuse'),
    spent: KILLED,
    hostile: KILLED,
    stop: KILLED,
    exited: BURIED,
  },
  overdue: {
    answered: step('ready', 'none'),
    late: step('overdue', 'none'),
    spent: KILLED,
    hostile: KILLED,
    stop: KILLED,
    exited: BURIED,
  },
  stopped: {
    answered: IGNORED,
    late: IGNORED,
    spent: IGNORED,
    hostile: IGNORED,
    stop: IGNORED,
    exited: BURIED,
  },
}
