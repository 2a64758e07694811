import { DONE, NOT_A_NUMBER, type Outcome, type Write } from '../../tiers/tier.ts';
import { above } from '../../wire/marker.ts';
import {
  encodeStored,
  freshOf,
  graceOf,
  isNothing,
  restamped,
  revalued,
  versionOf,
} from '../../wire/stored.ts';
import { exactSum, type Ground, numberIn } from './ground.ts';
import { floorOf, mark } from './marks.ts';

/** Makes changes unconditionally and in order, as write.lua does. */
export function writeAll(ground: Ground, writes: readonly Write[]): Outcome[] {
  const slip = new Slip(ground, writes);
  const outcomes = writes.map((write) => writeOne(ground, write, slip));
  slip.keep();
  return outcomes;
}

function writeOne(ground: Ground, write: Write, slip: Slip): Outcome {
  const { keyspace, space, tombstoneTtl } = ground;
  const name = space.data(write.key);
  switch (write.op) {
    case 'set':
      keyspace.set(name, write.stored, write.ttl);
      return DONE;
    case 'delete':
      keyspace.set(space.tombstone(write.key), write.version, tombstoneTtl);
      return { status: 'done', existed: keyspace.delete(name) };
    case 'mark':
      mark(ground, write);
      return DONE;
    case 'touch': {
      const stored = keyspace.text(name);
      const floor = floorOf(ground, write);
      const over = isNothing(stored ?? '', write.fresh - write.ttl) || versionOf(stored ?? '') < floor;
      if (stored === undefined || over) return { status: 'done', existed: false };
      if (freshOf(stored) === undefined) keyspace.expire(name, write.ttl);
      else keyspace.set(name, restamped(stored, versionOf(stored), write.fresh), write.ttl + graceOf(stored));
      return { status: 'done', existed: true };
    }
    case 'increment': {
      const { fresh, ttl, by } = write;
      const floor = floorOf(ground, write);
      const version = above(floor, write.version);
      const found = keyspace.text(name);
      const over = found !== undefined && (isNothing(found, fresh - ttl) || versionOf(found) < floor);
      const stored = over ? undefined : found;
      if (slip.made(write.version)) return { status: 'done', value: 0 };
      const present = stored === undefined ? (keyspace.has(name) && !over ? undefined : 0) : numberIn(stored);
      const sum = exactSum(present, by);
      if (sum === undefined) return NOT_A_NUMBER;
      if (stored === undefined) keyspace.set(name, encodeStored(version, fresh - ttl, fresh, `${sum}`), ttl);
      else keyspace.replace(name, revalued(stored, version, `${sum}`));
      return { status: 'done', value: sum };
    }
  }
}

/** Notes which increments of a batch were made, so that none is made again by a replay, nor after one. */
class Slip {
  readonly #ground: Ground;
  readonly #name: string | undefined;
  #before = '';
  #noted = '';

  constructor(ground: Ground, writes: readonly Write[]) {
    this.#ground = ground;
    const receipt = writes.find((write) => write.op === 'increment' && write.receipt !== undefined);
    if (receipt?.op !== 'increment' || receipt.receipt === undefined) return;
    this.#name = ground.space.receipt(receipt.receipt);
    this.#before = ground.keyspace.text(this.#name) ?? '';
  }

  made(version: string): boolean {
    // What an earlier batch left there is older than the first of this one.
    if (this.#noted === '' && this.#before.slice(-version.length) < version) this.#before = '';
    if (this.#name !== undefined) this.#noted += version;
    return this.#before.includes(version);
  }

  keep(): void {
    const { keyspace, receiptTtl } = this.#ground;
    if (this.#name !== undefined && this.#noted !== '') keyspace.set(this.#name, this.#noted, receiptTtl);
  }
}
