import { Client } from 'pg';
import { expect, test } from 'vitest';
import { understudies } from '../cache/systems.ts';
import { archived, SuitePostgres } from './suite.ts';

const postgres = new SuitePostgres();
const start = understudies();

/** Statements about values wait until the work is done. */
async function held<T>(work: () => Promise<T>): Promise<T> {
  const holder = new Client({ connectionString: postgres.server.url });
  await holder.connect();
  try {
    await holder.query('begin; lock table understudy.clearing in access exclusive mode');
    return await work();
  } finally {
    await holder.end();
  }
}

test('what is deleted or cleared while it is read there is not answered, though memory remembers nothing of that', async () => {
  const first = await start(postgres.options());
  const keys = ['user:1', 'user:2', 'a', 'b'];
  await first.cache.setMany([...keys, 'other'].map((key) => [key, 1]));
  await archived(first);
  const second = await start(postgres.options({ memory: { maxEntries: 1 } }));
  const { reading, changing } = await held(async () => {
    const reading = second.cache.getMany([...keys, 'other']);
    // The read is on its way.
    await new Promise((resolve) => setImmediate(resolve));
    const changing = Promise.all([
      second.cache.clear('user:'),
      second.cache.delete('a'),
      second.cache.delete('b'),
    ]);
    await new Promise((resolve) => setImmediate(resolve));
    // Boxed: it is waited for when the lock is gone.
    return { reading, changing };
  });
  expect(await reading).toEqual(new Map([['other', 1]]));
  await changing;
  expect(await second.cache.getMany(keys)).toEqual(new Map());
});
