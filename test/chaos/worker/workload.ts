import { setTimeout as delay } from 'node:timers/promises';
import { anyCounter, anyGroup, anyRegister, anyTouched } from '../key-space.ts';
import { count, pick, type Random } from '../random.ts';
import type { Operations } from './operations.ts';

/** Callers of one process that ask independently of each other. */
const SESSIONS = 3;

type Deed = (random: Random) => Promise<unknown>;

/** The seeded load of one process: sessions that ask in small bursts, so that batches form and keys collide. */
export class Workload {
  readonly #operations: Operations;
  readonly #writer: string;
  readonly #deeds: readonly (readonly [number, Deed])[];
  #written = 0;
  #running = true;

  constructor(operations: Operations, writer: string) {
    this.#operations = operations;
    this.#writer = writer;
    this.#deeds = [
      [16, (random) => operations.make({ op: 'find', key: anyRegister(random) })],
      [10, (random) => operations.make({ op: 'get', key: anyRegister(random) })],
      [4, (random) => operations.make({ op: 'find', key: anyCounter(random) })],
      [5, (random) => operations.make({ op: 'getMany', keys: this.#several(random) })],
      [14, (random) => this.#set(anyRegister(random))],
      [4, (random) => operations.make({ op: 'setMany', entries: this.#entries(random) })],
      [9, (random) => operations.make({ op: 'delete', key: anyRegister(random) })],
      [4, (random) => operations.make({ op: 'touch', key: anyTouched(random) })],
      [6, (random) => operations.make({ op: 'increment', key: anyCounter(random), by: count(random, 1, 9) })],
      [8, (random) => this.#load(random)],
      [0.5, (random) => operations.make({ op: 'clear', prefix: anyGroup(random) })],
    ];
  }

  /** Resolves when it was stopped and the last call was answered. */
  async run(random: Random): Promise<void> {
    await Promise.all(Array.from({ length: SESSIONS }, () => this.#session(random)));
  }

  stop(): void {
    this.#running = false;
  }

  async #session(random: Random): Promise<void> {
    while (this.#running) {
      const burst = Array.from({ length: count(random, 1, 6) }, () => pick(random, this.#deeds)(random));
      await Promise.all(burst);
      await delay(count(random, 2, 40));
    }
  }

  #set(key: string): Promise<unknown> {
    return this.#operations.make({ op: 'set', key, value: this.#value(key) });
  }

  #load(random: Random): Promise<unknown> {
    const key = anyRegister(random);
    return this.#operations.getOrSet(key, () => this.#value(key), count(random, 1, 60));
  }

  #several(random: Random): string[] {
    return [...new Set(Array.from({ length: count(random, 2, 8) }, () => anyRegister(random)))];
  }

  #entries(random: Random): [string, string][] {
    return this.#several(random).map((key) => [key, this.#value(key)]);
  }

  #value(key: string): string {
    return `${key}|${this.#writer}|${this.#written++}`;
  }
}
