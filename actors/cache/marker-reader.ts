import { keepShape } from '../../src/runtime/keep-shape.ts';
import { type Dependence, Marker } from '../../src/tiers/markers.ts';
import { NEVER } from '../../src/wire/marker.ts';
import type { Reader } from './reader.ts';

/** Reads a marker for all whose answers depend on it: it goes with their batch, and once however many they are. */
export class MarkerReader implements Reader {
  readonly operation = 'mark';
  readonly open = true;
  readonly trace = undefined;
  readonly key: string;
  readonly marker: Marker;
  next: Reader | undefined = undefined;
  asOf = 0;
  heardOf = 0;
  turn = 0;
  alone = false;
  expects: Dependence | undefined = undefined;

  constructor(marker: Marker, heardOf: number) {
    this.key = marker.key;
    this.marker = marker;
    this.heardOf = heardOf;
  }

  /** What a marker says is no value: see {@link MarkerReads}. */
  answer(): void {}
}

keepShape(new MarkerReader(new Marker('', { since: NEVER, invalidated: NEVER, expired: NEVER }), 0));
