import { createUnderstudy } from '../../src/index.ts';

/** What the process is told, as JSON, in its first argument. */
export interface WriterTask {
  readonly redis: string;
  readonly durable: { readonly directory: string } | { readonly url: string };
  readonly prefix: string;
  /** Begins the names of keys and the values, so that those of two lives differ. */
  readonly life: number;
  readonly keys: number;
}

/** One change that was acknowledged as durable. */
export interface Acknowledged {
  readonly key: string;
  /** Null for a deletion. */
  readonly value: string | null;
  readonly version: string;
}

/** Milliseconds of silence that a machine with too much to do may take. */
const PATIENCE = 60_000;

/**
 * Writes with Redis out until it is killed, a few callers at once, and tells of each change that was acknowledged as durable
 * before it makes the next of that key.
 */
async function write({ redis, durable, prefix, life, keys }: WriterTask): Promise<void> {
  const understudy = await createUnderstudy({
    redis: { url: redis },
    durable: { ...durable, timeout: PATIENCE },
    prefix,
    deadline: PATIENCE,
  });
  const { journal } = (await understudy.ask({ type: 'cache.stats' })) ?? {};
  tell({ recovered: journal.entries, up: journal.store.up });
  const caller = async (id: number): Promise<never> => {
    for (let turn = 0; ; turn++) {
      const key = `key-${id}-${turn % keys}`;
      const value = turn % 5 === 4 ? null : `value ${life}.${id}.${turn} ${'x'.repeat((turn * 37) % 2_000)}`;
      const { durable, version } =
        value === null
          ? await understudy.ask({ type: 'cache.delete', key })
          : await understudy.ask({ type: 'cache.set', key, value });
      if (durable) tell({ key, value, version } satisfies Acknowledged);
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, id) => caller(id)));
}

function tell(news: object): void {
  process.stdout.write(`${JSON.stringify(news)}\n`);
}

await write(JSON.parse(process.argv[2] ?? ''));
