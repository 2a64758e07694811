import { expect, test } from 'vitest';
import { type Marks, marksIn, NEVER, namespaceMarker, tagMarker } from '../../../src/wire/marker.ts';
import type { Bench } from './bench.ts';

/** What tags and namespaces are invalidated and expired by. */
export function keepsMarkers(bench: Bench): void {
  const MARKER = tagMarker('a {b} %7B ~');
  const marks = async (): Promise<Marks | undefined> =>
    marksIn(String((await bench().under.tier.read([MARKER]))[0]));

  test.each(['write', 'replay'] as const)(
    'a marker says the latest of all it was told, in any order (%s)',
    async (by) => {
      const { under, changes } = bench();
      const first = changes.mark(MARKER, 'invalidated');
      const second = changes.mark(MARKER, 'expired');
      const third = changes.mark(MARKER, 'invalidated');
      expect(await under.tier[by]([third, first])).toEqual([{ status: 'done' }, { status: 'done' }]);
      expect(await marks()).toMatchObject({ invalidated: third.version, expired: NEVER });
      await under.tier[by]([second, changes.mark(MARKER)]);
      expect(await marks()).toMatchObject({ invalidated: third.version, expired: second.version });
    },
  );

  test('one that is only to be there says no more than it did', async () => {
    const { under, changes } = bench();
    const invalidation = changes.mark(MARKER, 'invalidated');
    await under.tier.write([invalidation]);
    await under.tier.write([changes.mark(MARKER)]);
    expect(await marks()).toMatchObject({ invalidated: invalidation.version, expired: NEVER });
  });

  test('it is no key of the user', async () => {
    const { under, changes } = bench();
    await under.tier.write([
      changes.mark(MARKER, 'invalidated'),
      changes.mark(namespaceMarker('a'), 'expired'),
      changes.set('a', 1),
    ]);
    const keys: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await under.tier.scan('', cursor, 100);
      keys.push(...page.keys);
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(keys).toEqual(['a']);
  });
}
