import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyPages } from '../../src/tiers/key-pages.ts';

/** Goes through all pages; between two of them something happens. */
function scanned(
  pages: KeyPages,
  keys: ReadonlySet<string>,
  prefix: string,
  count: number,
  between: () => void = () => {},
): string[] {
  const seen: string[] = [];
  let after: string | undefined = '';
  while (after !== undefined) {
    const page: ReturnType<KeyPages['page']> = pages.page(
      prefix,
      after,
      count,
      () => keys,
      (key) => keys.has(key),
    );
    expect(page.keys.length).toBeLessThanOrEqual(count);
    seen.push(...page.keys);
    after = page.after;
    if (after !== undefined) between();
  }
  return seen;
}

const key = fc.integer({ min: 0, max: 999 }).map((n) => `${n % 3 === 0 ? 'a' : 'b'}:${n}`);

test('every key that is there all the while comes once, in order, whatever comes and goes', () => {
  const change = fc.tuple(fc.boolean(), key);
  fc.assert(
    fc.property(
      fc.uniqueArray(key, { maxLength: 400 }),
      fc.array(change, { maxLength: 300 }),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom('', 'a:', 'b:1', 'none'),
      (initial, changes, count, prefix) => {
        const keys = new Set(initial);
        const stayed = new Set(initial);
        let at = 0;
        const seen = scanned(new KeyPages(), keys, prefix, count, () => {
          for (const [comes, changed] of changes.slice(at, at + 3)) {
            if (comes) keys.add(changed);
            else {
              keys.delete(changed);
              stayed.delete(changed);
            }
          }
          at += 3;
        });
        expect(seen).toEqual([...new Set(seen)].sort());
        const known = new Set(seen);
        for (const one of stayed) if (one.startsWith(prefix)) expect(known).toContain(one);
        for (const one of seen) expect(one.startsWith(prefix)).toBe(true);
      },
    ),
  );
});

test('two that go through the keys at once do not disturb each other', () => {
  const keys = new Set(Array.from({ length: 500 }, (_, at) => `key ${at}`));
  const pages = new KeyPages();
  const inner: string[][] = [];
  const outer = scanned(pages, keys, '', 90, () => inner.push(scanned(pages, keys, 'key 1', 7)));
  expect(outer).toEqual([...keys].sort());
  for (const seen of inner) expect(seen).toEqual([...keys].filter((one) => one.startsWith('key 1')).sort());
});

test('the keys are gone through once in sixteen pages', () => {
  const keys = new Set(Array.from({ length: 10_000 }, (_, at) => String((at * 7_919) % 10_007)));
  let passes = 0;
  const pages = new KeyPages();
  let after: string | undefined = '';
  while (after !== undefined) {
    const all = (): Iterable<string> => {
      passes++;
      return keys;
    };
    after = pages.page('', after, 100, all, () => true).after;
  }
  expect(passes).toBeLessThanOrEqual(7);
});
