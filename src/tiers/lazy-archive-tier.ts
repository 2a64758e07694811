import type { ArchiveTier, Pruned } from './archive-tier.ts';
import type { DurableSessions } from './durable-sessions.ts';
import type { SqlTierOptions } from './postgres/sql-tier.ts';
import type { Outcome, ProbeReport, ScanPage, TierName, Write } from './tier.ts';

/** The values of the durable tier. What knows of Postgres is loaded when it is connected to and nowhere else. */
export class LazyArchiveTier implements ArchiveTier {
  readonly name: TierName = 'postgres';
  readonly #sessions: DurableSessions;
  readonly #options: SqlTierOptions;
  #tier: ArchiveTier | undefined;

  constructor(sessions: DurableSessions, options: SqlTierOptions) {
    this.#sessions = sessions;
    this.#options = options;
  }

  get connected(): boolean {
    return this.#tier?.connected ?? false;
  }

  get address(): DurableSessions['address'] {
    return this.#sessions.address;
  }

  async connect(): Promise<ProbeReport> {
    const { SqlTier } = await import('./postgres/sql-tier.ts');
    this.#tier ??= new SqlTier(this.#sessions.connect, this.#options);
    return this.#tier.connect();
  }

  probe(): Promise<ProbeReport> {
    return this.#tier === undefined ? this.connect() : this.#tier.probe();
  }

  disconnect(): void {
    this.#tier?.disconnect();
  }

  async read(keys: readonly string[]): Promise<readonly (string | null | undefined)[]> {
    return this.#connected().read(keys);
  }

  async write(writes: readonly Write[]): Promise<readonly Outcome[]> {
    return this.#connected().write(writes);
  }

  async replay(writes: readonly Write[]): Promise<readonly Outcome[]> {
    return this.#connected().replay(writes);
  }

  async scan(prefix: string, cursor: string | undefined, count: number): Promise<ScanPage> {
    return this.#connected().scan(prefix, cursor, count);
  }

  async clear(prefix: string, version: string): Promise<void> {
    return this.#connected().clear(prefix, version);
  }

  async prune(count: number): Promise<Pruned> {
    return this.#connected().prune(count);
  }

  #connected(): ArchiveTier {
    if (this.#tier === undefined) throw new Error('not connected to the durable tier');
    return this.#tier;
  }
}
