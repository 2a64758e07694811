import {
  encodeMarks,
  joinedMarks,
  later,
  type Marks,
  NEVER,
  namespaceMarker,
  tagMarker,
} from '../wire/marker.ts';
import type { Namespace, Namespaces } from '../wire/namespaces.ts';
import { tagsIn, tagsTextOf, versionOf } from '../wire/stored.ts';
import type { Mark, Write } from './tier.ts';

/** What is known of one marker. */
export class Marker implements Marks {
  readonly key: string;
  invalidated: string;
  expired: string;
  /** Whether what it says was heard, and not only assumed. */
  known = false;
  /** It was not there when it was looked for: nobody knows what it said, and whatever depends on it counts as invalidated. */
  missing = false;
  /** The last turn in which it was asked for, and the last whose answer has come. */
  asked = 0;
  confirmed = 0;
  /** Milliseconds since the epoch until which it is kept in Redis. */
  until = 0;
  /** In which it may be relied on without asking Redis; see Near. */
  epoch = 0;
  /** Called when an answer has come. */
  waiting: (() => void)[] = [];

  constructor(key: string, assumed: Marks) {
    this.key = key;
    this.invalidated = assumed.invalidated;
    this.expired = assumed.expired;
  }

  /** It says this as well. */
  join(marks: Marks): void {
    const { invalidated, expired } = joinedMarks(this, marks);
    this.invalidated = invalidated;
    this.expired = expired;
    this.known = true;
  }

  /** It says this, as far as anybody else knows. */
  learn(marks: Marks): void {
    if (this.known) this.join(marks);
    else {
      this.invalidated = marks.invalidated;
      this.expired = marks.expired;
      this.known = true;
    }
  }
}

/** What the markers of an entry say of it. */
export type Verdict = 'good' | 'expired' | 'invalidated';

const NONE: readonly Marker[] = [];

/**
 * The markers that this process has heard of, bounded: when there are too many all are forgotten, and what any of them said is
 * assumed of each until it is heard of again.
 */
export class Markers {
  readonly #namespaces: Namespaces;
  readonly #max: number;
  readonly #byKey = new Map<string, Marker>();
  /** By the name of the namespace and the text of the tags, which is the same for most entries. */
  readonly #sets = new Map<string, readonly Marker[]>();
  #assumed: Marks = { invalidated: NEVER, expired: NEVER };
  /** Whether anything at all depends on a marker: else nobody need look. */
  #inUse: boolean;

  constructor(namespaces: Namespaces, max: number) {
    this.#namespaces = namespaces;
    this.#max = max;
    this.#inUse = namespaces.size > 0;
  }

  /** Whether an entry may depend on a marker. */
  concern(stored: string): boolean {
    return this.#inUse || tagsTextOf(stored) !== '';
  }

  get inUse(): boolean {
    return this.#inUse;
  }

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): Marker {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    if (this.#byKey.size >= this.#max) this.#forget();
    const marker = new Marker(key, this.#assumed);
    this.#byKey.set(key, marker);
    return marker;
  }

  /** The markers that an entry depends on. */
  of(key: string, stored: string): readonly Marker[] {
    const tags = tagsTextOf(stored);
    const namespace = this.#namespaces.of(key);
    if (tags === '' && namespace === undefined) return NONE;
    this.#inUse = true;
    const name = namespace === undefined ? tags : namespace.prefix + tags;
    const known = this.#sets.get(name);
    return known ?? this.#resolve(name, namespace, tags);
  }

  /** The marker of the namespace of a key. */
  ofNamespace(key: string): Marker | undefined {
    const namespace = this.#namespaces.of(key);
    return namespace === undefined ? undefined : this.get(namespaceMarker(namespace.name));
  }

  /** What is known here of an entry. */
  verdict(key: string, stored: string): Verdict {
    const markers = this.of(key, stored);
    if (markers.length === 0) return 'good';
    const version = versionOf(stored);
    let verdict: Verdict = 'good';
    for (const { invalidated, expired, missing } of markers) {
      if (missing || version < invalidated) return 'invalidated';
      if (version < expired) verdict = 'expired';
    }
    return verdict;
  }

  /** The same of any text: most depend on none. */
  saysOf(key: string, stored: string): Verdict {
    return this.concern(stored) ? this.verdict(key, stored) : 'good';
  }

  /** Whether an entry is good, and what that depends on may be relied on in this epoch. */
  trusted(key: string, stored: string, epoch: number): boolean {
    for (const marker of this.of(key, stored)) if (marker.epoch !== epoch) return false;
    return this.verdict(key, stored) === 'good';
  }

  apply(mark: Mark): void {
    const marker = this.get(mark.key);
    marker.missing = false;
    if (isInvalidation(mark)) marker.join(mark);
  }

  /** The text of a marker, as it is stored elsewhere; undefined where nothing is known. */
  text(key: string): string | undefined {
    const marker = this.#byKey.get(key);
    return marker?.known ? encodeMarks(marker) : undefined;
  }

  /** Somebody changed it: it is not to be relied on. */
  revoke(key: string): void {
    const marker = this.#byKey.get(key);
    if (marker !== undefined) marker.epoch = 0;
  }

  #resolve(name: string, namespace: Namespace | undefined, tags: string): readonly Marker[] {
    const keys = tagsIn(tags).map(tagMarker);
    if (namespace !== undefined) keys.push(namespaceMarker(namespace.name));
    const markers = keys.map((key) => this.get(key));
    if (this.#sets.size >= this.#max) this.#sets.clear();
    this.#sets.set(name, markers);
    return markers;
  }

  #forget(): void {
    for (const marker of this.#byKey.values()) {
      this.#assumed = joinedMarks(this.#assumed, marker);
      // Who waits asks again, of those that take their places.
      for (const resume of marker.waiting.splice(0)) queueMicrotask(resume);
    }
    this.#byKey.clear();
    this.#sets.clear();
  }
}

/** Whether it makes anything invalid that was good; else it only sees to it that there is a marker. */
export function isInvalidation(write: Write): write is Mark {
  return write.op === 'mark' && later(write.invalidated, write.expired) > NEVER;
}

/** Whether a change is invalidated, or expired, by a mark. */
export function isAbout({ key: marker, invalidated, expired }: Mark, write: Write): boolean {
  const { key, version } = write;
  if (version >= invalidated && version >= expired) return false;
  const [name = ''] = key.split(':', 1);
  if (marker === namespaceMarker(name)) return true;
  return write.op === 'set' && tagsIn(tagsTextOf(write.stored)).some((tag) => tagMarker(tag) === marker);
}
