import { z } from 'zod';
import { ALGORITHM_NAMES, CODEC_NAMES, MAX_LEVELS, MIN_SECRET, SEAL_MODES } from '../wire/packing-options.ts';
import { annotations } from './annotations.ts';
import { DEFAULTS } from './defaults.ts';
import { isObject } from './redis-schema.ts';
import { bytes, within } from './scalars.ts';

export const codecSchema = z.enum(CODEC_NAMES);

export const compressionSchema = z
  .strictObject({
    algorithm: z.enum(['none', ...ALGORITHM_NAMES]).default(DEFAULTS.compression.algorithm),
    threshold: bytes.default(DEFAULTS.compression.threshold),
    level: within(1, MAX_LEVELS.zstd).optional(),
    offload: bytes.default(DEFAULTS.compression.offload),
  })
  .refine(({ algorithm, level = 1 }) => algorithm === 'none' || level <= MAX_LEVELS[algorithm], {
    path: ['level'],
    message: `expected at most ${ALGORITHM_NAMES.map((name) => `${MAX_LEVELS[name]} for ${name}`).join(', ')}`,
    when: isObject,
  });

const key = z.strictObject({
  id: z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .register(annotations, {
      expected: '1 to 64 letters, digits, dots, dashes or underscores',
    }),
  secret: z.string().min(MIN_SECRET),
});

const keys = z.array(key).register(annotations, {
  expected: `a list of { id, secret }, each secret of at least ${MIN_SECRET} characters; as a variable id:secret,id:secret`,
  fromText: (text) =>
    text.split(',').map((item) => {
      const at = item.indexOf(':');
      return { id: item.slice(0, Math.max(0, at)).trim(), secret: item.slice(at + 1).trim() };
    }),
});

const ring = keys
  .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, 'expected ids that differ')
  .readonly();
const mode = z.enum(['none', ...SEAL_MODES]);

export const sealSchema = z
  .strictObject({ mode: mode.default(DEFAULTS.seal.mode), keys: ring.default(() => []) })
  .refine(({ mode, keys }) => mode === 'none' || !Array.isArray(keys) || keys.length > 0, {
    path: ['keys'],
    message: 'expected at least one, of which the first seals',
    when: isObject,
  });

/** What of it a namespace may have of its own. */
export const ownSealSchema = z.strictObject({ mode, keys: ring.optional() });

interface Sealing {
  readonly mode: string;
  readonly keys?: readonly unknown[] | undefined;
}

/** A namespace that seals has keys of its own, or those of all. */
export function sealsHaveKeys({ value, issues }: z.core.ParsePayload<SealingOptions>): void {
  if (value.seal.keys.length > 0) return;
  for (const [name, { seal }] of Object.entries(value.namespaces ?? {})) {
    if (seal === undefined || seal.mode === 'none' || (seal.keys ?? []).length > 0) continue;
    const path = ['namespaces', name, 'seal', 'keys'];
    issues.push({ code: 'custom', path, message: 'expected keys here, or in seal.keys', input: value });
  }
}

interface SealingOptions {
  readonly seal: { readonly keys: readonly unknown[] };
  readonly namespaces?: Readonly<Record<string, { readonly seal?: Sealing | undefined }>> | undefined;
}
