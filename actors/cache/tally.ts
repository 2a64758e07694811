import type { Clock } from '../../src/runtime/clock.ts';
import type { Counter, Histogram, Instruments } from '../../src/telemetry/instruments.ts';
import type { TierName as Tier } from '../../src/tiers/tier.ts';
import { Namespaces } from '../../src/wire/namespaces.ts';
import { NamespaceTally } from './namespace-tally.ts';

/** The kinds of operation that metrics tell apart. */
export type Operation = 'get' | 'set' | 'delete' | 'touch' | 'increment' | 'mark' | 'acquire';

/** One answer in this many is timed when it comes in the same turn: reading the clock would cost as much as the answer. */
const SAMPLE = 64;

/** Of one operation at one tier. */
interface Answers {
  readonly yes: Counter;
  readonly no: Counter;
}

class OperationTally {
  readonly memory: Answers;
  readonly redis: Answers;
  /** Where the durable tier keeps values, and for what it answers. */
  readonly postgres: Answers | undefined;
  readonly duration: Histogram;

  constructor(
    instruments: Instruments,
    operation: Operation,
    results: readonly [string, string],
    archived = false,
  ) {
    const counter = (tier: Tier, result: string): Counter =>
      instruments.counter(
        'understudy_requests_total',
        'Operations on keys by tier that answered and result.',
        {
          operation,
          tier,
          result,
        },
      );
    const [yes, no] = results;
    this.memory = { yes: counter('memory', yes), no: counter('memory', no) };
    this.redis = { yes: counter('redis', yes), no: counter('redis', no) };
    if (archived) this.postgres = { yes: counter('postgres', yes), no: counter('postgres', no) };
    this.duration = instruments.histogram(
      'understudy_operation_duration_seconds',
      'Duration of operations from arrival to answer. Answers of the same turn are sampled, one in 64, and weighted.',
      { operation },
    );
  }
}

interface TallyOptions {
  /** The durable tier answers as well. */
  readonly archived?: boolean;
  readonly namespaces?: Namespaces;
}

/** Counts what the cache did. Plain fields, found once at construction. */
export class Tally {
  readonly #clock: Clock;
  readonly #operations: Record<Operation, OperationTally>;
  /** Of each namespace its own. */
  readonly namespaces: NamespaceTally;
  #turn = 0;

  constructor(
    instruments: Instruments,
    clock: Clock,
    { archived = false, namespaces = new Namespaces() }: TallyOptions = {},
  ) {
    this.#clock = clock;
    this.namespaces = new NamespaceTally(instruments, namespaces, archived);
    const read = ['hit', 'miss'] as const;
    const write = ['confirmed', 'journaled'] as const;
    this.#operations = {
      get: new OperationTally(instruments, 'get', read, archived),
      acquire: new OperationTally(instruments, 'acquire', read, archived),
      set: new OperationTally(instruments, 'set', write),
      delete: new OperationTally(instruments, 'delete', write),
      touch: new OperationTally(instruments, 'touch', write),
      increment: new OperationTally(instruments, 'increment', write),
      mark: new OperationTally(instruments, 'mark', write),
    };
  }

  /** Counts one answer of the same turn: `yes` is a hit, or a confirmed write. */
  count(operation: Operation, tier: Tier, yes: boolean): void {
    // Fields by name, found at once: to look them up by what the arguments say costs more than to count.
    const tally = operation === 'get' ? this.#operations.get : this.#operations[operation];
    const answers =
      tier === 'redis' ? tally.redis : tier === 'postgres' ? (tally.postgres ?? tally.memory) : tally.memory;
    if (yes) answers.yes.value++;
    else answers.no.value++;
  }

  /** Monotonic time at which an answer of the same turn began, or 0 when this one is not timed. */
  began(): number {
    return ++this.#turn % SAMPLE === 0 ? this.#clock.monotonic() : 0;
  }

  ended(operation: Operation, began: number): void {
    if (began !== 0) this.duration(operation, this.#clock.monotonic() - began, SAMPLE);
  }

  /** Records how long an answer took, in milliseconds. */
  duration(operation: Operation, milliseconds: number, times = 1): void {
    this.#operations[operation].duration.record(milliseconds / 1_000, times);
  }

  reads(): Record<Tier, { hits: number; misses: number }> {
    const { get, acquire } = this.#operations;
    const of = (tier: Tier) => ({
      hits: (get[tier]?.yes.value ?? 0) + (acquire[tier]?.yes.value ?? 0),
      misses: (get[tier]?.no.value ?? 0) + (acquire[tier]?.no.value ?? 0),
    });
    return { memory: of('memory'), redis: of('redis'), postgres: of('postgres') };
  }
}
