import { type Packed, saidIn, valueTextOf } from './stored.ts';

/** How a value was packed. */
interface PackedExtras {
  /** How it was written, compressed and sealed: `json+zstd+encrypted`. */
  readonly codec: string;
  /** Bytes of what was compressed. */
  readonly length?: number | undefined;
  /** What it was sealed with. */
  readonly keyId?: string | undefined;
}

/** A packed value in a stored text. */
export interface PackedText extends Packed, PackedExtras {
  readonly absent: boolean;
}

const CODEC = ',"codec":"';

/** How a value was packed, as it stands in an envelope: last, so that what stands before can be sealed with it. */
export function sayPacked({ codec, length, keyId }: PackedExtras): string {
  const compressed = length === undefined ? '' : `,"length":${length}`;
  return `${CODEC}${codec}"${compressed}${keyId === undefined ? '' : `,"keyId":"${keyId}"`}`;
}

/** The packed value in a stored text; undefined where it was not packed. Throws where its envelope cannot be read. */
export function packedIn(stored: string): PackedText | undefined {
  const said = saidIn(stored);
  if (!said.includes(CODEC) || !stored.endsWith('}')) return undefined;
  const { codec, length, keyId, absent }: Record<string, unknown> = JSON.parse(`{${said.slice(1)}}`);
  return {
    said,
    text: valueTextOf(stored),
    codec: String(codec),
    length: typeof length === 'number' ? length : undefined,
    keyId: typeof keyId === 'string' ? keyId : undefined,
    absent: absent === true,
  };
}

/** Whether a value was written as something else than JSON, so that it may hold more than JSON can. */
export function isRich(stored: string): boolean {
  const said = saidIn(stored);
  if (said === '') return false;
  const at = said.indexOf(CODEC);
  return at >= 0 && !/^json["+]/.test(said.slice(at + CODEC.length));
}
