import type { Options } from '../config/schema.ts';
import { Namespaces } from '../wire/namespaces.ts';
import { Packing } from '../wire/packing.ts';
import { Seal } from '../wire/seal.ts';
import { Values } from '../wire/values.ts';

/** A character of UTF-16 has three bytes in UTF-8 at most. */
const BYTES_PER_CHARACTER = 3;

type PackingChoice = Pick<Options, 'codec' | 'compression' | 'seal'>;

/** What values and stored texts mean to each other in a system. */
export function valuesOf(options: Options): Values {
  const { namespaces = {}, maxValueLength, memory, prefix } = options;
  const limit = BYTES_PER_CHARACTER * maxValueLength;
  const declared = Object.entries(namespaces).map(([name, { codec, compression, seal, ...terms }]) => {
    const choice = {
      codec: codec ?? options.codec,
      compression: compression ?? options.compression,
      seal: { mode: seal?.mode ?? options.seal.mode, keys: seal?.keys ?? options.seal.keys },
    };
    return [name, { ...terms, packing: packingOf(choice, limit, `${prefix}${name}:`) }];
  });
  return new Values({
    namespaces: new Namespaces(Object.fromEntries(declared)),
    maxLength: maxValueLength,
    isolation: memory.isolation,
    packing: packingOf(options, limit, prefix),
  });
}

/** `place`: begins the keys of these values, so that what seals them is no other's. */
function packingOf({ codec, compression, seal }: PackingChoice, limit: number, place: string): Packing {
  const { algorithm, threshold, level, offload } = compression;
  return new Packing({
    codec,
    compression: algorithm === 'none' ? undefined : { algorithm, threshold, level },
    seal:
      seal.keys.length === 0
        ? undefined
        : new Seal(seal.mode === 'none' ? undefined : seal.mode, seal.keys, place),
    offload,
    limit,
  });
}
