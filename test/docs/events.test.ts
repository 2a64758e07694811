import { expect, test } from 'vitest';
import type { KeyEventName, SystemEvent } from '../../src/index.ts';
import { readDoc, tableIn } from './markdown-table.ts';

const OF_KEYS: Record<KeyEventName, true> = {
  hit: true,
  miss: true,
  stale: true,
  set: true,
  delete: true,
  touch: true,
  increment: true,
  evict: true,
  load: true,
  error: true,
  breaker: true,
  tier: true,
};
const OF_THE_SYSTEM: Record<SystemEvent['type'], true> = {
  'system.changed': true,
  'breaker.changed': true,
  'breaker.probe-failed': true,
  'archive.changed': true,
  'archive.probe-failed': true,
  'redis.failover': true,
  'redis.reasserted': true,
  'redis.emptied': true,
  'warmup.progress': true,
  'journal.replayed': true,
  'journal.store': true,
  'actor.crashed': true,
  'actor.restarted': true,
  'actor.escalated': true,
  'dead-letter': true,
};

test.each([
  ['## Of keys', OF_KEYS],
  ['## Of the system', OF_THE_SYSTEM],
])('%s: every event is documented, and no other', (heading, events) => {
  const rows = tableIn(readDoc('events.md'), heading);
  expect(rows.map((row) => row.event)).toEqual(Object.keys(events));
});
