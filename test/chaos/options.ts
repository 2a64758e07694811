import type { OptionsInput } from '../../src/index.ts';
import { count, pick, type Random, randomFor } from './random.ts';
import type { Kept, RunSettings } from './settings.ts';

type JournalBounds = NonNullable<OptionsInput['journal']>;

/** What every system of a run is given. */
export function optionsOf(settings: RunSettings, { data, postgres }: Kept): OptionsInput {
  const { seed, near, staleness, options } = settings;
  return {
    lease: { ttl: '2s' },
    journal: journalBounds(randomFor(seed, 'journal')),
    ...(near ? { near: { staleness } } : {}),
    ...(postgres === undefined ? {} : { durable: { url: postgres } }),
    ...JSON.parse(options.replaceAll('{data}', data)),
  };
}

/** In some runs the journal is so small that an outage fills it. */
function journalBounds(random: Random): JournalBounds {
  return pick<(random: Random) => JournalBounds>(random, [
    [2, () => ({})],
    [1, (more) => ({ maxEntries: count(more, 8, 80) })],
    [1, (more) => ({ maxBytes: count(more, 4_000, 30_000) })],
  ])(random);
}
