import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import type { SealKey, SealMode } from './packing-options.ts';
import { Unreadable } from './unreadable.ts';

const CIPHER = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;

/** What is derived of one secret: a key for each purpose, so that none says anything of the other. */
interface DerivedKeys {
  readonly encrypt: KeyObject;
  readonly sign: KeyObject;
}

/**
 * Seals the values of one namespace, with keys of its own. `context` is what a value belongs to, its key above all: sealed with
 * it, a value is none in any other place. The first key seals; all of them open.
 */
export class Seal {
  /** What new values are sealed by; undefined where they are not. */
  readonly mode: SealMode | undefined;
  readonly keyId: string;
  readonly #keys: ReadonlyMap<string, DerivedKeys>;

  constructor(mode: SealMode | undefined, keys: readonly SealKey[], namespace: string) {
    this.mode = mode;
    this.keyId = keys[0]?.id ?? '';
    this.#keys = new Map(keys.map(({ id, secret }) => [id, derived(secret, namespace)]));
  }

  /** Nonce, ciphertext and tag. */
  encrypt(bytes: Uint8Array, context: string): Buffer {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv(CIPHER, this.#key(this.keyId).encrypt, nonce).setAAD(Buffer.from(context));
    return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  }

  decrypt(sealed: Buffer, context: string, keyId: string): Buffer {
    const key = this.#key(keyId).encrypt;
    if (sealed.length < NONCE + TAG) throw new Unreadable('tampered');
    const cipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE), { authTagLength: TAG });
    cipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(-TAG));
    try {
      return Buffer.concat([cipher.update(sealed.subarray(NONCE, -TAG)), cipher.final()]);
    } catch (error) {
      throw new Unreadable('tampered', { cause: error });
    }
  }

  /** What shows that the text is the one that was signed in this context. */
  sign(text: string, context: string, keyId: string = this.keyId): string {
    const hmac = createHmac('sha256', this.#key(keyId).sign);
    // The context is JSON and so ends where it ends, whatever follows.
    return hmac.update(context).update(text).digest('base64');
  }

  verify(text: string, context: string, keyId: string, signature: string): void {
    const expected = Buffer.from(this.sign(text, context, keyId));
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      throw new Unreadable('tampered');
  }

  #key(id: string): DerivedKeys {
    const keys = this.#keys.get(id);
    if (keys === undefined) throw new Unreadable('unknown-key');
    return keys;
  }
}

function derived(secret: string, namespace: string): DerivedKeys {
  const of = (purpose: SealMode): KeyObject =>
    createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `understudy/1/${purpose}/${namespace}`, 32)));
  return { encrypt: of('encrypt'), sign: of('sign') };
}
