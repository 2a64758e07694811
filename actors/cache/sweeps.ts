import type { ActorRef } from '../../src/runtime/actor-ref.ts';
import type { Envelope, Lateness } from '../../src/runtime/envelope.ts';
import { UnderstudyError } from '../../src/runtime/errors.ts';
import type { ScanPage } from '../../src/tiers/tier.ts';
import { ArchiveGuard } from './archive-guard.ts';
import type { Clearing } from './journal.ts';
import { livingKeys } from './living-keys.ts';
import type { Mailbox } from './mailbox.ts';
import type { Accepted } from './messages.ts';
import type { Replayer } from './replayer.ts';
import type { CacheState } from './state.ts';

const DEFAULT_LIMIT = 1_000;
const MAX_LIMIT = 10_000;

/** A cursor tells the tier it belongs to, so that a page of one never goes on in the other. */
type Cursor = { readonly tier: 'memory' | 'redis'; readonly position: string | undefined };

/** What concerns all keys of a prefix: `cache.keys` and `cache.clear`. */
export class Sweeps {
  readonly #state: CacheState;
  #remote: { readonly breaker: ActorRef; readonly mailbox: Mailbox; readonly replayer: Replayer } | undefined;

  constructor(state: CacheState) {
    this.#state = state;
  }

  attach(breaker: ActorRef, mailbox: Mailbox, replayer: Replayer): void {
    this.#remote = { breaker, mailbox, replayer };
  }

  keys(envelope: Envelope, prefix: string, cursor: string | undefined, limit: number = DEFAULT_LIMIT): void {
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
      throw new UnderstudyError('INVALID_OPTION', `limit: expected a whole number from 1 to ${MAX_LIMIT}`);
    }
    const remote = this.#remote;
    const at = parseCursor(cursor) ?? {
      tier: remote && this.#state.redisUp ? 'redis' : 'memory',
      position: undefined,
    };
    if (remote === undefined || at.tier === 'memory') {
      this.#fromMemory(envelope, prefix, at.position, limit);
      return;
    }
    const answer = async (page: ScanPage): Promise<void> => {
      const known = at.position === undefined ? this.#journaled(prefix) : [];
      const there = page.keys.filter((key) => !this.#gone(key));
      const keys = await livingKeys(this.#state, remote, there, envelope.trace);
      const next = page.cursor === undefined ? undefined : `redis:${page.cursor}`;
      envelope.reply({
        keys: [...new Set([...known, ...keys])],
        cursor: next,
        tier: 'redis',
        degraded: false,
      });
    };
    // The pages of an interrupted scan are no use: memory begins again from its first.
    const failed = (): void => this.#fromMemory(envelope, prefix, undefined, limit);
    envelope.lateness = { late: failed };
    remote.breaker.post(
      { type: 'circuit-breaker.scan', prefix, cursor: at.position, count: limit },
      (page: ScanPage) => void answer(page).catch(failed),
      failed,
      { deadline: Infinity, trace: envelope.trace },
    );
  }

  /** Memory is cleared at once. Redis is cleared by the replayer, the same way whether it is there now or not. */
  clear(envelope: Envelope, prefix: string): void {
    this.#state.archive?.hurry();
    const version = this.#state.time.next();
    const inMemory = this.#state.memory.clear(prefix);
    const remote = this.#remote;
    const { archive } = this.#state;
    archive?.clear(prefix, version);
    const guard = archive && new ArchiveGuard(archive, (told) => archive.whenCleared(told));
    const accepted = (
      tier: 'memory' | 'redis',
      degraded: boolean,
      cleared: number,
      durable = tier === 'redis',
    ): void => {
      const answer: Accepted & { cleared: number } = { tier, degraded, durable, version, cleared };
      if (guard === undefined) envelope.reply(answer);
      else guard.answer((kept) => envelope.reply({ ...answer, durable: durable || kept }));
    };
    const answerBy = (lateness: Lateness | undefined): void => {
      if (guard !== undefined) guard.before = lateness;
      envelope.lateness = guard ?? lateness;
    };
    answerBy(undefined);
    if (remote === undefined) {
      accepted('memory', false, inMemory);
      return;
    }
    const clearing: Clearing = { prefix, version, prompt: this.#state.redisUp };
    remote.mailbox.recency.changedAll(prefix);
    this.#state.journal.addClearing(clearing);
    if (!this.#state.redisUp) {
      const { mirror } = this.#state;
      answerBy({ late: () => accepted('memory', true, inMemory) });
      if (mirror === undefined) accepted('memory', true, inMemory);
      else mirror.whenCleared((kept) => accepted('memory', true, inMemory, kept));
      return;
    }
    const forget = remote.replayer.whenCleared(clearing, (deleted) => accepted('redis', false, deleted));
    answerBy({
      late: () => {
        forget();
        // From now on others may write what must not be cleared.
        clearing.prompt = false;
        accepted('memory', true, inMemory);
      },
    });
    remote.replayer.kick();
  }

  #fromMemory(envelope: Envelope, prefix: string, position: string | undefined, limit: number): void {
    const page = this.#state.memory.scan(prefix, position, limit);
    const cursor = page.cursor === undefined ? undefined : `memory:${page.cursor}`;
    const known = position === undefined ? this.#journaled(prefix) : [];
    const keys = [...new Set([...known, ...page.keys])];
    envelope.reply({ keys, cursor, tier: 'memory', degraded: this.#remote !== undefined });
  }

  /** Keys that only the journal holds yet. */
  #journaled(prefix: string): string[] {
    return this.#state.journal.keys(prefix);
  }

  #gone(key: string): boolean {
    return this.#state.journal.get(key)?.op === 'delete';
  }
}

function parseCursor(cursor: string | undefined): Cursor | undefined {
  if (cursor === undefined) return undefined;
  const match = /^(?:(memory):([\w-]+)|(redis):(\d+(?::\d+)?))$/.exec(cursor);
  if (match?.[1] !== undefined) return { tier: 'memory', position: match[2] };
  if (match?.[3] !== undefined) return { tier: 'redis', position: match[4] };
  throw new UnderstudyError('INVALID_OPTION', 'cursor: expected the cursor of an earlier reply');
}
