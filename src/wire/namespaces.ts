import type { StandardSchema } from './standard-schema.ts';

/** Ends the name of a namespace in the keys that belong to it. */
const SEPARATOR = ':';

/** What holds for the keys that begin with a name and a colon. */
export interface Namespace {
  readonly name: string;
  /** Begins its keys. */
  readonly prefix: string;
  /** Milliseconds a value lives where nothing else is said; undefined for what holds for all. */
  readonly ttl: number | undefined;
  /** Milliseconds a value is kept after that, where nothing else is said. */
  readonly grace: number | undefined;
  /** What its values are to fit. */
  readonly schema: StandardSchema | undefined;
}

export type NamespaceTerms = Partial<Pick<Namespace, 'ttl' | 'grace' | 'schema'>>;

/** The namespaces that were declared. */
export class Namespaces {
  readonly #byName = new Map<string, Namespace>();

  constructor(declared: Readonly<Record<string, NamespaceTerms>> = {}) {
    for (const [name, { ttl, grace, schema }] of Object.entries(declared))
      this.#byName.set(name, { name, prefix: name + SEPARATOR, ttl, grace, schema });
  }

  get size(): number {
    return this.#byName.size;
  }

  get names(): string[] {
    return [...this.#byName.keys()];
  }

  get(name: string): Namespace | undefined {
    return this.#byName.get(name);
  }

  /** The namespace that a key belongs to. */
  of(key: string): Namespace | undefined {
    if (this.#byName.size === 0) return undefined;
    const end = key.indexOf(SEPARATOR);
    return end < 0 ? undefined : this.#byName.get(key.slice(0, end));
  }

  /** The namespace whose keys are all of those that begin with a prefix. */
  whole(prefix: string): Namespace | undefined {
    return prefix.endsWith(SEPARATOR) ? this.#byName.get(prefix.slice(0, -1)) : undefined;
  }

  *[Symbol.iterator](): IterableIterator<Namespace> {
    yield* this.#byName.values();
  }
}
