import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { it } from 'node:test'
import {
  clockField,
  isClockField,
  isoTime,
  momentNow,
  preciseTime,
  unixTime,
} from '../../../src/cli/clock-fields.ts'

/** A Sunday in winter, a leap day, and the last moment of a year; milliseconds since the epoch. */
const MOMENTS = [
  Date.UTC(2016, 0, 3, 0, 5, 9),
  Date.UTC(2024, 1, 29, 12, 0, 0),
  Date.UTC(2023, 11, 31, 23, 59, 59),
]
const LETTERS = 'AaBbDdeFHIjMmpRSsTuwYyz'.split('')

const moment = (ms: number) => ({ date: new Date(ms), nanoseconds: 7_008_009 })

it('each letter is what date(1) makes of it', () => {
  for (const ms of MOMENTS) {
    const format = LETTERS.map((letter) => `%${letter}`).join('|')
    const { stdout } = spawnSync('date', ['-d', `@${ms / 1000}`, `+${format}`], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: process.env['TZ'] },
    })
    assert.equal(LETTERS.map((letter) => clockField(letter, moment(ms))).join('|'), stdout.trimEnd())
  }
})

it("the helpers have mosquitto's forms", () => {
  const at = moment(Date.UTC(2016, 7, 10, 8, 47, 38))
  assert.match(isoTime(at), /^2016-08-1\dT\d\d:47:38[+-]\d{4}$/)
  assert.match(preciseTime(at), /^2016-08-1\dT\d\d:47:38\.007008[+-]\d{4}$/)
  assert.equal(unixTime(at), '1470818858.007008009')
  assert.equal(clockField('N', at), '007008009')
})

it('a letter that is none is known as such, and now is now', () => {
  assert.deepEqual(['Y', 'Q', '', 'toString'].map(isClockField), [true, false, false, false])
  assert.ok(Math.abs(momentNow().date.getTime() - Date.now()) < 60_000)
})
