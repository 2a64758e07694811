import type { Options } from '../config/schema.ts';
import { Packing } from '../wire/packing.ts';
import { Seal } from '../wire/seal.ts';
import { Values } from '../wire/values.ts';

/** A character of UTF-16 has three bytes in UTF-8 at most. */
const BYTES_PER_CHARACTER = 3;

type PackingChoice = Pick<Options, 'codec' | 'compression' | 'seal'>;

/** What stored texts mean in a system. */
export function valuesOf(options: Options): Values {
  const { isolation } = options.memory;
  const packing = packingOf(options, options, options.prefix);
  return new Values({ isolation, packingOf: () => packing, seals: packing.sealed });
}

function packingOf({ maxValueLength }: Options, { codec, compression, seal }: PackingChoice, namespace: string) {
  const { algorithm, threshold, level, offload } = compression;
  return new Packing({
    codec,
    compression: algorithm === 'none' ? undefined : { algorithm, threshold, level },
    seal: seal.keys.length === 0 ? undefined : new Seal(seal.mode === 'none' ? undefined : seal.mode, seal.keys, namespace),
    offload,
    limit: BYTES_PER_CHARACTER * maxValueLength,
    namespace,
  });
}
