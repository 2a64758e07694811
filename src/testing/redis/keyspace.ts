import type { Clock } from '../../runtime/clock.ts';

interface Kept {
  value: string | Map<string, string>;
  /** Milliseconds since the epoch; Infinity for ever. */
  expiresAt: number;
}

/** What a Redis keeps: texts and hashes by name, each for its time. */
export class Keyspace {
  readonly #clock: Clock;
  readonly #onChange: (name: string) => void;
  readonly #kept = new Map<string, Kept>();

  /** `onChange` is told the name of whatever is changed, but for what expires. */
  constructor(clock: Clock, onChange: (name: string) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Milliseconds since the epoch, by the clock of this server. */
  now(): number {
    return this.#clock.now();
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /** The text at a name; undefined for nothing, and for something of another type. */
  text(name: string): string | undefined {
    const value = this.#find(name)?.value;
    return typeof value === 'string' ? value : undefined;
  }

  set(name: string, text: string, ttl = Number.POSITIVE_INFINITY): void {
    this.#kept.set(name, { value: text, expiresAt: this.now() + ttl });
    this.#onChange(name);
  }

  /** Puts another text in the place of what is there, for as long as that had left. */
  replace(name: string, text: string): void {
    const kept = this.#find(name);
    if (kept === undefined) return;
    kept.value = text;
    this.#onChange(name);
  }

  expire(name: string, ttl: number): void {
    const kept = this.#find(name);
    if (kept === undefined) return;
    kept.expiresAt = this.now() + ttl;
    this.#onChange(name);
  }

  delete(name: string): boolean {
    if (!this.has(name)) return false;
    this.#kept.delete(name);
    this.#onChange(name);
    return true;
  }

  /** Milliseconds a name has left; undefined when there is nothing, or it stays for ever. */
  left(name: string): number | undefined {
    const expiresAt = this.#find(name)?.expiresAt ?? Number.POSITIVE_INFINITY;
    return expiresAt === Number.POSITIVE_INFINITY ? undefined : expiresAt - this.now();
  }

  /** The hash at a name, which takes the place of whatever else is there; an empty one for nothing. */
  hash(name: string): Map<string, string> {
    const value = this.#find(name)?.value;
    if (value instanceof Map) return value;
    const hash = new Map<string, string>();
    this.#kept.set(name, { value: hash, expiresAt: Number.POSITIVE_INFINITY });
    return hash;
  }

  names(): string[] {
    return [...this.#kept.keys()].filter((name) => this.has(name));
  }

  clear(): void {
    this.#kept.clear();
  }

  #find(name: string): Kept | undefined {
    const kept = this.#kept.get(name);
    if (kept === undefined || kept.expiresAt > this.now()) return kept;
    this.#kept.delete(name);
    return undefined;
  }
}
