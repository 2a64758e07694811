import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';
import type { InvalidationListener, InvalidationMode } from '../../src/tiers/invalidation.ts';
import type { RedisTierOptions } from '../../src/tiers/redis/options.ts';
import { RedisInvalidation } from '../../src/tiers/redis/redis-invalidation.ts';
import { RedisTier } from '../../src/tiers/redis/redis-tier.ts';
import { HybridClock, VERSION_LENGTH } from '../../src/wire/hybrid-clock.ts';
import { encodeStored } from '../../src/wire/stored.ts';

/** A Redis whose changes are to be heard of. */
export interface HeardRedis {
  /** As whoever makes changes reaches it. */
  readonly writer: RedisTierOptions;
  /** As whoever listens does. */
  readonly listener: RedisTierOptions;
  /** Ends the connections of listeners, and no others. */
  killListeners(): Promise<void>;
  stop(): Promise<void>;
}

const STALENESS = 400;

/** All that a channel said. */
class Heard implements InvalidationListener {
  readonly keys: (readonly [key: string, version: string])[] = [];
  readonly modes: InvalidationMode[] = [];
  readonly trouble: string[] = [];
  /** The time until which all is told, and how many changes had been told by then. */
  last: readonly [sent: number, changes: number] = [0, 0];

  armed(mode: InvalidationMode): void {
    this.modes.push(mode);
  }
  changed(key: string, version: string): void {
    this.keys.push([key, version]);
  }
  missed(reason: string): void {
    this.trouble.push(reason);
  }
  heard(sent: number): void {
    this.last = [sent, this.keys.length];
  }
  lost(reason: string): void {
    this.trouble.push(reason);
  }

  versionOf(key: string): string | undefined {
    return this.keys.findLast(([name]) => name === key)?.[1].slice(0, VERSION_LENGTH);
  }
}

/** What every way to hear of changes does alike. */
export function hearsOfChanges(name: string, mode: InvalidationMode, start: () => Promise<HeardRedis>): void {
  describe(name, () => {
    let redis: HeardRedis;
    let tier: RedisTier;
    let channel: RedisInvalidation;
    let heard: Heard;
    const time = new HybridClock(systemClock);

    function channelOf(prefixes?: readonly string[]): RedisInvalidation {
      const options = {
        redis: redis.listener,
        staleness: STALENESS,
        foreignTtl: 3_600_000,
        clock: systemClock,
      };
      return new RedisInvalidation({ ...options, prefixes });
    }
    async function listen(): Promise<void> {
      heard = new Heard();
      channel.open(heard);
      await vi.waitFor(() => expect(heard.modes).toEqual([mode]), 10_000);
    }
    const set = (key: string) => {
      const version = time.next();
      const stored = encodeStored(version, time.now(), time.now() + 60_000, '1');
      return { op: 'set', key, version, ttl: 60_000, stored } as const;
    };

    beforeAll(async () => {
      redis = await start();
      tier = new RedisTier(redis.writer);
      await tier.connect();
      channel = channelOf();
      await listen();
    });
    afterAll(async () => {
      channel.close();
      tier.disconnect();
      await redis.stop();
    });

    const KEYS = Array.from({ length: 30 }, (_, at) => `key-${at} {ä}\n"`);

    test('every key of every kind of change is told, with its version where that is known', async () => {
      const sets = KEYS.map(set);
      await tier.write(sets);
      for (const { key, version } of sets) {
        await expect
          .poll(() => heard.versionOf(key), { interval: 2 })
          .toBe(mode === 'tracking' ? '' : version);
      }
      heard.keys.length = 0;
      const later = { version: time.next(), ttl: 60_000, fresh: time.now() + 60_000 };
      const changes = KEYS.map((key, at) => {
        if (at % 3 === 0) return { op: 'delete', key, version: later.version } as const;
        if (at % 3 === 1) return { op: 'touch', key, ...later } as const;
        return { op: 'increment', key, by: 2, ...later } as const;
      });
      await tier.write(changes);
      for (const { key, op } of changes) {
        // A touch makes nothing newer.
        const version = op === 'touch' ? sets.find((write) => write.key === key)?.version : later.version;
        const told = mode === 'tracking' || op === 'delete' ? '' : version;
        await expect.poll(() => heard.versionOf(key), { interval: 2 }).toBe(told);
      }
    });

    test('a replay is told', async () => {
      heard.keys.length = 0;
      await tier.replay(KEYS.map(set));
      await expect.poll(() => KEYS.every((key) => heard.versionOf(key) !== undefined)).toBe(true);
      expect(heard.keys.every(([key]) => KEYS.includes(key))).toBe(true);
    });

    test('what is added late, and leaves a newer version as it is, is not told as that version', async () => {
      const added = { ttl: 60_000, fresh: time.now() + 60_000, by: 2, version: time.next() };
      const held = set('late');
      await tier.write([held]);
      await expect.poll(() => heard.versionOf('late'), { interval: 2 }).toBeDefined();
      heard.keys.length = 0;
      await tier.replay([{ op: 'increment', key: 'late', ...added }]);
      await expect.poll(() => heard.versionOf('late'), { interval: 2 }).toBe('');
      const [stored] = await tier.read(['late']);
      expect(stored?.slice(0, 53)).toBe(held.stored.slice(0, 53));
    });

    test('a heartbeat never comes before what was changed before it was sent', async () => {
      for (let round = 0; round < 8; round++) {
        const key = `ordered-${round}`;
        await tier.write([set(key)]);
        const changed = performance.now();
        await expect.poll(() => heard.last[0], { interval: 1, timeout: 5_000 }).toBeGreaterThan(changed);
        expect(heard.keys.slice(0, heard.last[1]).map(([name]) => name)).toContain(key);
      }
    }, 30_000);

    test('a connection that is lost is told at once, and then armed again', async () => {
      await redis.killListeners();
      await expect.poll(() => heard.trouble.length, { timeout: 5_000 }).toBeGreaterThan(0);
      await expect.poll(() => heard.modes.length, { timeout: 10_000 }).toBeGreaterThan(1);
      heard.keys.length = 0;
      await tier.write([set('after')]);
      await expect.poll(() => heard.versionOf('after'), { interval: 2 }).toBeDefined();
    });

    test('of other prefixes nothing need be told, and of its own everything', async () => {
      channel.close();
      channel = channelOf(['user:', 'user:1', '~x']);
      await listen();
      const keys = ['user:1', 'user:2', '~x1'];
      await tier.write(['other', ...keys].map(set));
      for (const key of keys) await expect.poll(() => heard.versionOf(key), { interval: 2 }).toBeDefined();
      if (mode === 'tracking') expect(heard.versionOf('other')).toBeUndefined();
    });

    test('nothing is told once it is closed', async () => {
      const closed = heard;
      channel.close();
      const before = closed.keys.length;
      channel = channelOf();
      await listen();
      await tier.write([set('late')]);
      await expect.poll(() => heard.versionOf('late')).toBeDefined();
      expect(closed.keys).toHaveLength(before);
    });
  });
}
