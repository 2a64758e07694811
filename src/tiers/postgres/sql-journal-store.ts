import { randomBytes } from 'node:crypto';
import type { JournalRow, JournalStore, JournalStoreKind } from '../journal-store.ts';
import { journalSchema } from './journal-schema.ts';
import { migrate } from './migrate.ts';
import type { SqlConnect, SqlSession } from './sql.ts';
import { original, storable } from './sql-text.ts';

const REMOVE = 'delete from understudy.journal where seat = any($1::text[]) and slot = any($2::text[])';

/** One statement, and so one transaction and one round trip. A row is touched once: it is put, or it is removed. */
const COMMIT = `
  with removed as (${REMOVE}),
  replaced as (delete from understudy.journal where seat = any($3::text[]) and slot = any($5::text[]))
  insert into understudy.journal (seat, slot, body)
  select $4::text, slot, body from unnest($5::text[], $6::text[]) as put(slot, body)
  on conflict (seat, slot) do update set body = excluded.body`;

const ORPHANS = `
  select seat from understudy.journal_seat where space = $1 and not (seat = any($2::text[])) order by taken, seat`;

const FORGET_EMPTY = `
  delete from understudy.journal_seat as empty where seat = any($1::text[])
  and not exists (select from understudy.journal as row where row.seat = empty.seat)`;

/**
 * The journal in Postgres. Each instance has a seat, and an advisory lock on it for as long as its session lives. A seat
 * whose lock is free belonged to an instance that is dead: whoever locks it adopts its rows, where they are.
 */
export class SqlJournalStore implements JournalStore {
  readonly kind: JournalStoreKind;
  readonly #connect: SqlConnect;
  readonly #space: string;
  #session: SqlSession | undefined;
  /** Its own seat and those it adopted. All rows below them are its own. */
  #seats: string[] = [];

  /** Instances share what they adopt from each other within a `space`. */
  constructor(kind: JournalStoreKind, space: string, connect: SqlConnect) {
    this.kind = kind;
    this.#space = storable(space);
    this.#connect = connect;
  }

  async open(): Promise<{ readonly kept: boolean }> {
    await this.#end();
    const session = await this.#connect();
    this.#session = session;
    await migrate(session, journalSchema);
    const before = this.#seats;
    const still: string[] = [];
    for (const seat of before) if (await this.#lock(session, seat)) still.push(seat);
    const kept = still.length === before.length && before.length > 0;
    if (kept) return { kept };
    const own = randomBytes(8).toString('hex');
    // Locked before anybody can see it.
    await this.#lock(session, own);
    await session.query('insert into understudy.journal_seat (seat, space) values ($1, $2)', [
      own,
      this.#space,
    ]);
    this.#seats = [own, ...still];
    return { kept };
  }

  async adopt(): Promise<readonly JournalRow[] | undefined> {
    const session = this.#current();
    for (const { seat } of await session.query(ORPHANS, [this.#space, this.#seats])) {
      if (typeof seat !== 'string' || !(await this.#lock(session, seat))) continue;
      const rows = await session.query('select slot, body from understudy.journal where seat = $1', [seat]);
      if (rows.length > 0) {
        this.#seats.push(seat);
        return rows.map(({ slot, body }) => ({ slot: original(String(slot)), body: String(body) }));
      }
      await session.query(FORGET_EMPTY, [[seat]]);
      await session.query('select pg_advisory_unlock($1::bigint)', [lockOf(seat)]);
    }
    return undefined;
  }

  async commit(puts: readonly JournalRow[], removes: readonly string[]): Promise<void> {
    const [own = '', ...adopted] = this.#seats;
    const slots = puts.map(({ slot }) => storable(slot));
    const bodies = puts.map(({ body }) => body);
    await this.#current().query(COMMIT, [this.#seats, removes.map(storable), adopted, own, slots, bodies]);
  }

  async close(): Promise<void> {
    const forgotten = this.#session?.query(FORGET_EMPTY, [this.#seats]);
    await forgotten?.catch(() => {});
    await this.#end();
  }

  async #lock(session: SqlSession, seat: string): Promise<boolean> {
    const [row] = await session.query('select pg_try_advisory_lock($1::bigint) as locked', [lockOf(seat)]);
    return row?.locked === true;
  }

  #current(): SqlSession {
    if (this.#session === undefined) throw new Error('the store of the journal is not open');
    return this.#session;
  }

  async #end(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.end();
  }
}

/** A seat is 64 random bits, and so is the number of its lock. */
function lockOf(seat: string): string {
  return BigInt.asIntN(64, BigInt(`0x${seat}`)).toString();
}
