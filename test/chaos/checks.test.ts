import { describe, expect, test } from 'vitest';
import { check } from './checks/check.ts';
import { historyOf, type ProcessHistory } from './history/history.ts';
import type { Answer, Call, Operation } from './history/record.ts';

const SETTINGS = {
  seed: 1,
  seconds: 1,
  processes: 2,
  near: true,
  staleness: 100,
  durable: false,
  fleetLeases: false,
  without: [],
  options: '{"journal":{"maxEntries":10}}',
};
const SAFE = { tier: 'redis', degraded: false, durable: true };
const JOURNALED = { tier: 'memory', degraded: true, durable: false };

/** Operations of a history, one a line: who, from when to when, what, and what was answered. */
type Line = readonly [process: string, invoked: number, returned: number, call: Call, answer?: Answer];

const set = (value: string): Call => ({ op: 'set', key: 'k', value });
const find: Call = { op: 'find', key: 'k' };
const found = (value: string | undefined, more: Answer = SAFE): Answer => ({ ...more, read: [['k', value]] });
const version = (number: number): { version: string } => ({ version: String(number) });

interface Given {
  readonly lines: readonly Line[];
  /** What Redis holds in the end. */
  readonly held?: unknown;
  readonly killed?: readonly string[];
  readonly process?: Partial<ProcessHistory>;
}

/** The names of the checks that find something. */
function findings({ lines, held, killed = [], process: more = {} }: Given): string[] {
  const names = [...new Set(['p0', ...lines.map(([name]) => name)])];
  const processes = names.map((name) => {
    const operations = lines.flatMap(([process, invoked, returned, call, answer]): Operation[] =>
      process === name ? [{ process, namespace: 'ns:', call, invoked, returned, answer }] : [],
    );
    const mishaps: string[] = [];
    return {
      name,
      namespace: 'ns:',
      killed: killed.includes(name),
      breaker: [],
      stats: [],
      mishaps,
      operations,
      ...more,
    };
  });
  const key = lines.some(([, , , { op }]) => op === 'increment') ? 'counter:0' : 'k';
  const snapshots = [{ holder: 'redis', namespace: 'ns:', values: new Map([[key, held]]) }];
  const final = { snapshots, at: 1_000, unsettled: [] };
  const violations = check({ settings: SETTINGS, history: historyOf(processes), final, faults: [] });
  return [...new Set(violations.map((violation) => violation.check))];
}

const SET_A: Line = ['p0', 0, 1, set('a'), { ...SAFE, ...version(1) }];
const SET_B: Line = ['p0', 10, 11, set('b'), { ...SAFE, ...version(2) }];

describe('what the checker finds', () => {
  const cases: [string, Given, string[]][] = [
    ['a value nobody wrote', { lines: [['p0', 0, 1, find, found('?')]] }, ['values-were-written']],
    [
      'a value of another key',
      {
        lines: [
          ['p1', 0, Infinity, { op: 'set', key: 'other', value: 'a' }],
          ['p0', 2, 3, find, found('a')],
        ],
        killed: ['p1'],
      },
      ['values-were-written'],
    ],
    ['an overwritten value in the end', { lines: [SET_A, SET_B], held: 'a' }, ['nothing-older-returns']],
    ['a lost write', { lines: [SET_A] }, ['nothing-accepted-is-lost']],
    [
      'a deleted value that came back',
      { lines: [SET_A, ['p1', 10, 11, { op: 'delete', key: 'k' }, { ...SAFE, ...version(2) }]], held: 'a' },
      ['nothing-older-returns'],
    ],
    [
      'a cleared value that came back',
      { lines: [SET_A, ['p1', 10, 11, { op: 'clear', prefix: '' }, { ...SAFE, ...version(2) }]], held: 'a' },
      ['nothing-older-returns'],
    ],
    [
      'a read behind an own write, in an outage',
      { lines: [SET_A, SET_B, ['p0', 20, 21, find, found('a', JOURNALED)]], held: 'b' },
      ['reads-are-monotonic'],
    ],
    [
      'a read behind an earlier read',
      {
        lines: [SET_A, SET_B, ['p1', 20, 21, find, found('b')], ['p1', 30, 31, find, found('a', JOURNALED)]],
        held: 'b',
      },
      ['reads-are-monotonic'],
    ],
    [
      'an own value that is missed',
      { lines: [SET_A, ['p0', 20, 21, find, found(undefined, JOURNALED)]], held: 'a' },
      ['reads-are-monotonic'],
    ],
    [
      'an answer of Redis from before what it had confirmed',
      { lines: [SET_A, SET_B, ['p1', 20, 21, find, found('a')]], held: 'b' },
      ['redis-answers-are-recent'],
    ],
    [
      'a near cache that is too far behind',
      {
        lines: [SET_A, SET_B, ['p1', 200, 201, find, found('a', { tier: 'memory', degraded: false })]],
        held: 'b',
      },
      ['near-answers-are-fresh'],
    ],
    [
      'a load that was stored under a void lease',
      {
        lines: [
          ['p0', 10, 11, { op: 'delete', key: 'k' }, { ...SAFE, ...version(2) }],
          [
            'p0',
            20,
            21,
            { op: 'fulfil', key: 'k', value: 'a', granted: 5 },
            { ...SAFE, ...version(3), stored: true },
          ],
        ],
        held: 'a',
      },
      ['nothing-older-returns'],
    ],
    ['an increment that counted twice', { lines: [count(5)], held: 10 }, ['counters-add-up']],
    ['an increment that was lost', { lines: [count(5), count(5)], held: 5 }, ['counters-add-up']],
    ['a call that failed', { lines: [['p0', 0, 1, set('a'), { error: 'INTERNAL' }]] }, ['nothing-fails']],
    ['a call that was never answered', { lines: [['p0', 0, Infinity, set('a')]] }, ['nothing-fails']],
    [
      'an unhandled rejection',
      { lines: [SET_A], held: 'a', process: { mishaps: ['unhandled rejection'] } },
      ['nothing-fails'],
    ],
    [
      'a write that is lost after deletions that found no room had been made',
      {
        lines: [['p0', 40, 41, set('a'), { ...SAFE, ...version(1) }]],
        process: { stats: [sample(5, 0, 1), sample(20, 1, 1), sample(30, 1, 0)] },
      },
      ['nothing-accepted-is-lost'],
    ],
    [
      'a lost write of a killed process whose journal was safe',
      {
        lines: [['p0', 0, 1, set('a'), { ...JOURNALED, durable: true, ...version(1) }]],
        killed: ['p0'],
      },
      ['nothing-accepted-is-lost'],
    ],
    [
      'a journal that holds more than it may',
      { lines: [], process: { stats: [sample(5, 0, 12)] } },
      ['bounds-are-kept'],
    ],
    [
      'a breaker that stays half-open',
      {
        lines: [SET_A],
        held: 'a',
        process: {
          breaker: [
            { kind: 'breaker', at: 0, state: 'half-open' },
            { kind: 'breaker', at: 9_000, state: 'closed' },
          ],
        },
      },
      ['the-breaker-recovers'],
    ],
  ];
  test.each(cases)('%s', (_name, given, expected) => {
    expect(findings(given)).toEqual(expected);
  });
});

describe('what it accepts', () => {
  const cases: [string, Given][] = [
    [
      'writes at the same time, in either order',
      { lines: [SET_A, ['p1', 0.5, 2, set('b'), { ...SAFE, ...version(2) }]], held: 'a' },
    ],
    [
      'the older answer of a near cache within the bound',
      {
        lines: [SET_A, SET_B, ['p1', 60, 61, find, found('a', { tier: 'memory', degraded: false })]],
        held: 'b',
      },
    ],
    [
      'what a process does not know, in an outage',
      {
        lines: [SET_A, SET_B, ['p1', 60, 61, find, found('a', JOURNALED)]],
        held: 'b',
      },
    ],
    [
      'a lost write of a killed process that was not durable',
      {
        lines: [['p0', 0, 1, set('a'), { ...JOURNALED, ...version(1) }]],
        killed: ['p0'],
      },
    ],
    [
      'a write of a killed process that was never answered, there or not',
      {
        lines: [['p0', 0, Infinity, set('a')]],
        held: 'a',
        killed: ['p0'],
      },
    ],
    [
      'a miss of what was there before a change that the journal had no room for',
      {
        lines: [
          SET_A,
          ['p0', 20, 21, set('b'), { error: 'JOURNAL_FULL' }],
          ['p0', 30, 31, find, found(undefined, JOURNALED)],
        ],
        held: 'a',
      },
    ],
    [
      'a write that went with deletions that found no room',
      { lines: [SET_A], process: { stats: [sample(5, 0, 1), sample(20, 1, 1), sample(30, 1, 0)] } },
    ],
    [
      'an increment that nobody knows about, counted or not',
      {
        lines: [count(5), ['p1', 0, Infinity, { op: 'increment', key: 'counter:0', by: 2 }]],
        held: 7,
        killed: ['p1'],
      },
    ],
  ];
  test.each(cases)('%s', (_name, given) => {
    expect(findings(given)).toEqual([]);
  });
});

/** What a process held at a time. */
function sample(at: number, collapsed: number, entries: number): ProcessHistory['stats'][number] {
  const none = { hits: 0, misses: 0 };
  const store = { kind: 'memory', up: true, behind: 0, reason: '' } as const;
  return {
    kind: 'stats',
    at,
    stats: {
      ...none,
      tiers: { memory: none, redis: none },
      memory: { entries: 0, bytes: 0, evictions: 0 },
      journal: { entries, bytes: 0, replayed: 0, superseded: 0, refused: 0, collapsed, aside: 0, store },
      leases: 0,
      waiting: 0,
    },
  };
}

function count(by: number): Line {
  return ['p0', 0, 1, { op: 'increment', key: 'counter:0', by }, { ...SAFE, ...version(1) }];
}
