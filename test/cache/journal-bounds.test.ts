import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Journal } from '../../actors/cache/journal.ts';
import { isUnderstudyError } from '../../src/runtime/errors.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { Changes } from '../tiers/changes.ts';

const key = fc.integer({ min: 0, max: 25 }).map((at) => `key ${at}`);
const step = fc.oneof(
  fc.record({ op: fc.constant('set' as const), key, length: fc.nat(900) }),
  fc.record({ op: fc.constantFrom('delete' as const, 'touch' as const, 'increment' as const), key }),
  fc.record({ op: fc.constant('clear' as const), prefix: fc.constantFrom('key 1', 'key 2', 'key', '') }),
  fc.record({ op: fc.constant('confirm' as const), count: fc.integer({ min: 1, max: 4 }) }),
);

test('it never holds more than it may, refuses by type, and forgets no deletion and no invalidation', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 500, max: 8_000 }),
      (steps, maxEntries, maxBytes) => {
        const time = new HybridClock(new VirtualClock());
        const journal = new Journal({ maxEntries, maxBytes }, time);
        const changes = new Changes(time);
        /** Version of the last deletion of each key that Redis has not been told of. */
        const deleted = new Map<string, string>();
        const cleared: { prefix: string; version: string }[] = [];
        let refused = 0;
        const add = (write: Parameters<Journal['add']>[0]): void => {
          try {
            journal.add(write);
            if (write.op === 'delete') deleted.set(write.key, write.version);
            // A newer value replaces a deletion, and is all that Redis need be told.
            else if (journal.get(write.key)?.op === 'set') deleted.delete(write.key);
          } catch (error) {
            if (isUnderstudyError(error, 'NOT_A_NUMBER')) return;
            expect(error).toMatchObject({ code: 'JOURNAL_FULL', retryable: true });
            expect(write.op).not.toBe('delete');
            refused++;
          }
        };
        for (const each of steps) {
          if (each.op === 'set') add(changes.set(each.key, 'x'.repeat(each.length)));
          else if (each.op === 'clear') {
            const { version } = changes.delete('any');
            journal.addClearing({ prefix: each.prefix, version });
            cleared.push({ prefix: each.prefix, version });
          } else if (each.op === 'confirm') {
            for (const write of journal.next(each.count)) {
              journal.confirm(write);
              deleted.delete(write.key);
            }
          } else if (each.op === 'delete') add(changes.delete(each.key));
          else add(each.op === 'touch' ? changes.touch(each.key) : changes.increment(each.key, 1));

          expect(journal.refused).toBe(refused);
          expect(journal.size).toBeLessThanOrEqual(maxEntries + 3);
          // What stood in Redis before an invalidation must not be answered after it.
          for (const { prefix, version } of cleared) {
            const before = `${prefix}anything`;
            expect(journal.clears(before, olderThan(version)), before).toBe(true);
          }
          expect(journal.bytes).toBeLessThanOrEqual(maxBytes);
          for (const [name, version] of deleted) {
            const remembered = journal.get(name)?.op === 'delete' || journal.clears(name, version);
            expect(remembered, name).toBe(true);
          }
        }
        for (let round = 0; journal.next(1).length > 0; round++) {
          for (const write of journal.next(100)) journal.confirm(write);
          if (round > 200) throw new Error('it does not run dry');
        }
        expect(journal.bytes).toBe(0);
      },
    ),
    { numRuns: 1_000 },
  );
});

const olderThan = (version: string): string => `${version.slice(0, -1)} `;
