import { randomBytes } from 'node:crypto';
import { isMarker } from '../../wire/marker.ts';
import type { ArchiveTier, Pruned } from '../archive-tier.ts';
import type { Outcome, ProbeReport, ScanPage, TierName, Write } from '../tier.ts';
import { Held, type HeldState } from './held.ts';
import { migrate } from './migrate.ts';
import type { SqlConnect, SqlSession } from './sql.ts';
import { original, storable } from './sql-text.ts';
import { valueSchema } from './value-schema.ts';
import * as statements from './value-statements.ts';

export interface SqlTierOptions {
  /** Instances that share values have the same. */
  readonly space: string;
  /** Milliseconds that a value is kept at most, however long it may live. */
  readonly ttl: number;
  /** Milliseconds that a deletion is remembered. */
  readonly tombstoneTtl: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Where it is, for spans. */
  readonly address: { readonly host: string; readonly port: number | undefined };
}

/** How often a change is worked out anew, as others were quicker to change the same keys. */
const ATTEMPTS = 100;
/** Clearings that are looked at by every read. */
const MOST_CLEARINGS = 1_000;
/** Clearings that are carried out in one go. */
const CLEARINGS_AT_ONCE = 20;
/** Any number that nobody else uses. */
const PRUNING_LOCK = '7305012846590917492';

/**
 * Values in Postgres, or in an embedded one. Changes are worked out here, by the rules of all tiers, and put there where
 * nobody else was quicker: optimistic, so that no transaction is open between two statements, and two who share a session do
 * not disturb each other.
 */
export class SqlTier implements ArchiveTier {
  readonly name: TierName = 'postgres';
  readonly #connect: SqlConnect;
  readonly #options: SqlTierOptions;
  readonly #space: string;
  readonly #names = randomBytes(8).toString('hex');
  #lastName = 0;
  #session: SqlSession | undefined;

  constructor(connect: SqlConnect, options: SqlTierOptions) {
    this.#connect = connect;
    this.#options = options;
    this.#space = storable(options.space);
  }

  get connected(): boolean {
    return this.#session !== undefined;
  }

  get address(): SqlTierOptions['address'] {
    return this.#options.address;
  }

  async connect(): Promise<ProbeReport> {
    this.disconnect();
    const session = await this.#connect();
    try {
      await migrate(session, valueSchema);
      const report = await probe(session);
      // Of two that were under way at once, one is enough.
      this.disconnect();
      this.#session = session;
      return report;
    } catch (error) {
      void session.end();
      throw error;
    }
  }

  async probe(): Promise<ProbeReport> {
    return this.#session === undefined ? this.connect() : probe(this.#session);
  }

  disconnect(): void {
    const session = this.#session;
    this.#session = undefined;
    void session?.end().catch(() => {});
  }

  async read(keys: readonly string[]): Promise<readonly (string | null)[]> {
    if (keys.length === 0) return [];
    const rows = await this.#query(statements.READ, [keys.map(storable), this.#now()]);
    const found = new Map(rows.map(({ key, stored }) => [original(String(key)), String(stored)]));
    return keys.map((key) => found.get(key) ?? null);
  }

  write(writes: readonly Write[]): Promise<readonly Outcome[]> {
    return this.#change(writes, (held, write) => held.apply(write));
  }

  replay(writes: readonly Write[]): Promise<readonly Outcome[]> {
    return this.#change(writes, (held, write) => held.applyLate(write));
  }

  /** In the order of the keys, so that a page goes on after the last key of the one before, whatever happened between. */
  async scan(prefix: string, cursor: string | undefined, count: number): Promise<ScanPage> {
    const after = cursor === undefined ? '' : Buffer.from(cursor, 'base64url').toString();
    const parameters = [storable(prefix), after, this.#now(), String(count + 1)];
    const keys = (await this.#query(statements.SCAN, parameters)).map(({ key }) => String(key));
    const last = keys[count - 1];
    return {
      keys: keys.slice(0, count).map(original),
      cursor: keys.length > count && last !== undefined ? Buffer.from(last).toString('base64url') : undefined,
    };
  }

  /** At once, whatever there is: what is older is not read from now on, and deleted when there is time for it. */
  async clear(prefix: string, version: string): Promise<void> {
    await this.#query(statements.CLEAR, [storable(prefix), version, this.#tombstoneEnd()]);
    const [crowded] = await this.#query(statements.CROWDED, [String(MOST_CLEARINGS)]);
    if (crowded === undefined) return;
    await this.#query(statements.CLEAR, ['', String(crowded.version), String(crowded.ends)]);
  }

  /** Deletes what is over, then what was cleared: the oldest clearing first. */
  async prune(count: number): Promise<Pruned> {
    const parameters = [this.#now(), String(count), PRUNING_LOCK];
    const [turn] = await this.#ready().query(statements.PRUNE, parameters);
    if (turn?.own !== true) return { rows: 0, more: false };
    let rows = Number(turn.pruned);
    for (let clearings = 0; rows < count && clearings < CLEARINGS_AT_ONCE; clearings++) {
      const [cleared] = await this.#query(statements.UNSWEPT, []);
      if (cleared === undefined) {
        await this.#query(statements.FORGET, [this.#now()]);
        return { rows, more: false };
      }
      const clearing = [String(cleared.prefix), String(cleared.version)];
      const [sweep] = await this.#query(statements.SWEEP, [...clearing, String(count)]);
      const swept = Number(sweep?.pruned);
      if (swept < count) await this.#query(statements.SWEPT, clearing);
      rows += swept;
    }
    return { rows, more: true };
  }

  async #change(
    writes: readonly Write[],
    change: (held: Held, write: Write) => Outcome,
  ): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    let left = [...writes.keys()];
    for (let attempt = 0; left.length > 0 && attempt < ATTEMPTS; attempt++) {
      const held = await this.#inspect(left.map((at) => writes[at] as Write));
      for (const at of left) {
        const write = writes[at] as Write;
        outcomes[at] = change(held.get(write.key) as Held, write);
      }
      const put = await this.#put([...held.values()].filter(({ changed }) => changed));
      left = left.filter((at) => {
        const key = (writes[at] as Write).key;
        return held.get(key)?.changed === true && !put.has(key);
      });
    }
    for (const at of left) outcomes[at] = { status: 'failed', error: new Error('others were quicker') };
    return outcomes;
  }

  async #inspect(writes: readonly Write[]): Promise<Map<string, Held>> {
    const keys = new Set(writes.map(({ key }) => key));
    const relative = writes.filter(({ op }) => op === 'touch' || op === 'increment' || op === 'mark');
    const needed = new Set([...relative.map(({ key }) => key), ...this.#repeated(writes)]);
    const parameters = [[...keys].map(storable), [...needed].map(storable)];
    const rows = await this.#query(statements.INSPECT, parameters);
    const now = this.#options.now();
    return new Map(
      rows.map((row) => {
        const key = original(String(row.key));
        return [key, new Held(key, stateOf(row), now)];
      }),
    );
  }

  async #put(changed: readonly Held[]): Promise<ReadonlySet<string>> {
    if (changed.length === 0) return new Set();
    const { ttl, now } = this.#options;
    const latest = now() + ttl;
    const tombstoneEnd = Number(this.#tombstoneEnd());
    const expires = changed.map(({ key, stored, expires }) => {
      if (stored === '') return 0;
      // Values that are invalidated must not be good again when their markers are over.
      return isMarker(key) ? expires : Math.min(expires, latest);
    });
    const rows = await this.#query(statements.PUT, [
      changed.map(({ key }) => storable(key)),
      changed.map(({ stored }) => stored),
      changed.map(({ version }) => version),
      expires.map(String),
      changed.map(({ buried }) => buried),
      changed.map(({ buried }, at) => String(Math.max(expires[at] ?? 0, buried === '' ? 0 : tombstoneEnd))),
      changed.map(() => `${this.#names}-${++this.#lastName}`),
      changed.map(({ replaces }) => replaces),
    ]);
    return new Set(rows.map(({ key }) => original(String(key))));
  }

  /** Keys of which a deletion may be followed by a touch of what it did not delete. */
  #repeated(writes: readonly Write[]): Set<string> {
    const seen = new Set<string>();
    return new Set(writes.filter(({ key }) => seen.size === seen.add(key).size).map(({ key }) => key));
  }

  #query(text: string, parameters: readonly (string | readonly string[])[]) {
    return this.#ready().query(text, [this.#space, ...parameters]);
  }

  #ready(): SqlSession {
    if (this.#session === undefined) throw new Error('not connected to the durable tier');
    return this.#session;
  }

  #now(): string {
    return String(this.#options.now());
  }

  #tombstoneEnd(): string {
    return String(this.#options.now() + this.#options.tombstoneTtl);
  }
}

function stateOf(row: Readonly<Record<string, unknown>>): HeldState {
  return {
    stored: textOf(row.stored),
    expires: Number(row.expires ?? 0),
    buried: textOf(row.buried),
    cleared: textOf(row.cleared),
    revision: textOf(row.revision),
  };
}

const textOf = (column: unknown): string => (typeof column === 'string' ? column : '');

async function probe(session: SqlSession): Promise<ProbeReport> {
  const began = performance.now();
  const [row] = await session.query(statements.PROBE, []);
  if (row?.read_only !== 'off') throw new Error('the durable tier takes no changes: it is read-only');
  return { serverTime: Number(row.time), roundTrip: performance.now() - began };
}
