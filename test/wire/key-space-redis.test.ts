import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { slotOf } from '../../src/tiers/redis/slot.ts';
import { KeySpace } from '../../src/wire/keys.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { key, prefix, text } from './arbitrary-keys.ts';

let redis: RedisServer;
let node: RedisServer;
beforeAll(async () => {
  [redis, node] = await Promise.all([startRedis(), startRedis({ args: ['--cluster-enabled', 'yes'] })]);
});
afterAll(() => Promise.all([redis.stop(), node.stop()]));

async function scanned(pattern: string): Promise<string[]> {
  const reply = await redis.call('SCAN', '0', 'MATCH', pattern, 'COUNT', 100_000);
  return Array.isArray(reply) && Array.isArray(reply[1]) ? reply[1].map(String) : [];
}

test('the pattern of a prefix matches exactly the keys that begin with it', async () => {
  await fc.assert(
    fc.asyncProperty(
      prefix,
      text,
      fc.uniqueArray(key, { minLength: 1, maxLength: 8 }),
      async (before, start, keys) => {
        const space = new KeySpace(before);
        const all = [...keys, `${start}x`, start].filter((given) => given !== '');
        await redis.call('FLUSHALL');
        await redis.call('MSET', ...all.flatMap((given) => [space.data(given), 'v']));
        const found = (await scanned(space.pattern(start))).map((name) => space.user(name));
        expect(new Set(found)).toEqual(new Set(all.filter((given) => given.startsWith(start))));
      },
    ),
    { numRuns: 150 },
  );
});

test('a tombstone is in the slot of its key, and slots are what Redis says they are', async () => {
  await fc.assert(
    fc.asyncProperty(prefix, key, async (before, given) => {
      const space = new KeySpace(before);
      const data = space.data(given);
      const tombstone = space.tombstone(given);
      const slots = [
        await node.call('CLUSTER', 'KEYSLOT', data),
        await node.call('CLUSTER', 'KEYSLOT', tombstone),
      ];
      expect(slots).toEqual([slotOf(data), slotOf(data)]);
      expect(slotOf(tombstone)).toBe(slotOf(data));
    }),
    { numRuns: 300 },
  );
});

test.each(['{', '}', '{}', '{}a', '{a', 'a}', 'a{b}c', '{a}{b}', '{{a}}', '}{a}', '', 'x'.repeat(300)])(
  'the slot of %j is what Redis says',
  async (name) => {
    expect(slotOf(name)).toBe(await node.call('CLUSTER', 'KEYSLOT', name));
  },
);
