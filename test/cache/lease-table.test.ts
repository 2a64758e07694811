import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Lease, LeaseTable } from '../../actors/cache/lease-table.ts';

const TTL = 100;
const KEYS = ['a', 'ab', 'b'];

const step = fc.oneof(
  fc.record({ kind: fc.constant('grant' as const), key: fc.constantFrom(...KEYS) }),
  fc.record({ kind: fc.constant('end' as const), pick: fc.nat(20), key: fc.constantFrom(...KEYS) }),
  fc.record({ kind: fc.constant('void' as const), key: fc.constantFrom(...KEYS) }),
  fc.record({ kind: fc.constant('clear' as const), prefix: fc.constantFrom('', 'a', 'ab', 'b') }),
  fc.record({ kind: fc.constant('lapse' as const), after: fc.nat(80) }),
);

test('at most one lease a key is in force, each ends once, and none outlives its time', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const table = new LeaseTable(TTL);
      const open = new Set<Lease>();
      const granted: Lease[] = [];
      let now = 0;
      const inForce = (key: string): Lease | undefined =>
        [...open].find((lease) => lease.key === key && !lease.voided);
      for (const each of steps) {
        if (each.kind === 'grant') {
          // As the cache does: nobody is granted what another one holds.
          if (table.current(each.key) !== undefined) continue;
          const lease = table.grant(each.key, now);
          expect(lease).toMatchObject({ key: each.key, expiresAt: now + TTL, voided: false });
          open.add(lease);
          granted.push(lease);
        } else if (each.kind === 'end') {
          const lease = granted[each.pick % Math.max(1, granted.length)];
          if (lease === undefined) continue;
          const holds = open.has(lease) && lease.key === each.key;
          expect(table.end(each.key, lease.token)).toBe(holds ? lease : undefined);
          if (holds) open.delete(lease);
        } else if (each.kind === 'void') {
          const lease = inForce(each.key);
          expect(table.void(each.key)).toBe(lease);
          if (lease) expect(lease.voided).toBe(true);
        } else if (each.kind === 'clear') {
          const hit = [...open].filter((lease) => lease.key.startsWith(each.prefix));
          table.voidPrefix(each.prefix);
          expect(hit.every(({ voided }) => voided)).toBe(true);
        } else {
          now += each.after;
          const due = [...open].filter(({ expiresAt }) => expiresAt <= now);
          expect(new Set(table.lapse(now))).toEqual(new Set(due));
          for (const lease of due) open.delete(lease);
        }
        expect(table.size).toBe(open.size);
        for (const key of KEYS) expect(table.current(key)).toBe(inForce(key));
      }
      expect(new Set(granted.map(({ token }) => token)).size).toBe(granted.length);
    }),
    { numRuns: 500 },
  );
});

test('a token cannot be guessed from another', () => {
  const table = new LeaseTable(TTL);
  const tokens = Array.from({ length: 100 }, (_, at) => table.grant(`key ${at}`, 0).token);
  expect(tokens.every((token) => /^[0-9a-f-]{36}$/.test(token))).toBe(true);
});
