import { type Shift, shiftedVersion } from '../wire/hybrid-clock.ts';
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
import { hasTags, tagsIn, tagsTextOf, versionOf } from '../wire/stored.ts';
import type { Mark, Write } from './tier.ts';

type Stored = Extract<Write, { op: 'set' }>;

/** What is known of one marker. */
export class Marker implements Marks {
  readonly key: string;
  #since: string;
  #invalidated: string;
  #expired: string;
  #missing = false;
  /** What is older is gone, for whatever reason. */
  gone = NEVER;
  /** Whether anything is stale by it. */
  expires = false;
  /** Whether what it says was heard, and not only assumed. */
  known = false;
  /** Redis did not say when it was asked last: what it has heard of since is not known. */
  unheard = false;
  /** It is being looked for in the durable tier: nobody is to make it anew meanwhile. */
  restoring = false;
  /** The last turn in which it was asked for, and the last whose answer has come. */
  asked = 0;
  confirmed = 0;
  /** Milliseconds since the epoch until which it is kept in Redis. */
  until = 0;
  /** In which it may be relied on without asking Redis; see Near. */
  epoch = 0;
  /** What was stored with it in the turn of that question: it must not be older than what Redis said before. */
  sets: Stored[] = [];
  /** Called when an answer has come. */
  waiting: (() => void)[] = [];

  constructor(key: string, { since, invalidated, expired }: Marks) {
    this.key = key;
    this.#since = since;
    this.#invalidated = invalidated;
    this.#expired = expired;
    this.#changed();
  }

  get since(): string {
    return this.#since;
  }

  get invalidated(): string {
    return this.#invalidated;
  }

  get expired(): string {
    return this.#expired;
  }

  /** It was not there when it was looked for: nobody knows what it said, and whatever depends on it counts as invalidated. */
  get missing(): boolean {
    return this.#missing;
  }

  set missing(missing: boolean) {
    this.#missing = missing;
    this.#changed();
  }

  /** It says this as well. */
  join({ invalidated, expired }: Marks): void {
    this.#invalidated = later(this.#invalidated, invalidated);
    this.#expired = later(this.#expired, expired);
    this.known = true;
    this.#changed();
  }

  /** It is there since then: of what is older nobody knows whether it was invalidated. */
  begin(since: string): void {
    this.#since = since;
    this.#missing = false;
    this.#changed();
  }

  /** It says this, as far as anybody else knows. */
  learn(marks: Marks): void {
    this.#since = marks.since;
    if (!this.known) {
      this.#invalidated = marks.invalidated;
      this.#expired = marks.expired;
    }
    this.join(marks);
  }

  shift(shift: Shift): void {
    const { since, invalidated, expired } = shiftedMarks(this, shift);
    this.#since = since;
    this.#invalidated = invalidated;
    this.#expired = expired;
    if (this.until > 0) this.until += shift.by;
    this.#changed();
  }

  #changed(): void {
    this.gone = this.#missing ? ALWAYS : later(this.#since, this.#invalidated);
    this.expires = this.#expired > NEVER;
  }
}

/** Later than every version. */
const ALWAYS = '~';

function shiftedMarks({ since, invalidated, expired }: Marks, shift: Shift): Marks {
  return {
    since: shiftedVersion(since, shift),
    invalidated: shiftedVersion(invalidated, shift),
    expired: shiftedVersion(expired, shift),
  };
}

/** What the markers of an entry say of it. */
export type Verdict = 'good' | 'expired' | 'invalidated';

/** What all entries with the same tags, in the same namespace, depend on. */
export class Dependence {
  readonly markers: readonly Marker[];
  /** As they stand in the entries. */
  readonly #tags: string;

  constructor(tags: string, markers: readonly Marker[]) {
    this.#tags = tags;
    this.markers = markers;
  }

  /** Whether an entry of the same namespace has these tags. */
  isOf(stored: string): boolean {
    return hasTags(stored, this.#tags);
  }

  /**
   * What is known of an entry that was read in that turn: `unknown` while one of the markers was not heard of since, `unheard`
   * where Redis did not say what one of them says.
   */
  judge(stored: string, turn: number): Verdict | 'unknown' | 'unheard' {
    const { markers } = this;
    const version = versionOf(stored);
    let verdict: Verdict | 'unheard' = 'good';
    // In one pass, and without an iterator: each entry of a batch comes here.
    for (let at = 0; at < markers.length; at++) {
      const marker = markers[at] as Marker;
      if (marker.confirmed < turn) return 'unknown';
      if (version < marker.gone) verdict = 'invalidated';
      else if (verdict === 'invalidated') continue;
      else if (marker.unheard) verdict = 'unheard';
      else if (verdict === 'good' && marker.expires && version < marker.expired) verdict = 'expired';
    }
    return verdict;
  }

  /** Whether all of it may be relied on in this epoch. */
  trusted(epoch: number): boolean {
    for (const marker of this.markers) if (marker.epoch !== epoch) return false;
    return true;
  }

  /** What is known of an entry of this version. */
  verdict(version: string): Verdict {
    let verdict: Verdict = 'good';
    for (const marker of this.markers) {
      if (version < marker.gone) return 'invalidated';
      if (marker.expires && version < marker.expired) verdict = 'expired';
    }
    return verdict;
  }
}

/** Of most entries. */
const NOTHING = new Dependence('', []);

/** Markers that are remembered, what depends on them: about 10 MB at the most. */
const MOST = 65_536;

/**
 * The markers that this process has heard of, bounded: when there are too many all are forgotten, and what any of them said is
 * assumed of each until it is heard of again.
 */
export class Markers {
  readonly #namespaces: Namespaces;
  readonly #max: number;
  readonly #byKey = new Map<string, Marker>();
  /** By the name of the namespace and the text of the tags, which is the same for many entries. */
  readonly #dependences = new Map<string, Dependence>();
  /** What each key depended on when it was last seen. */
  readonly #seen = new Map<string, Dependence>();
  /** Number of the last group of reads, of whatever incarnation of the actor that asks. */
  turn = 0;
  /** Changes when all markers are forgotten: others take their places. */
  generation = 1;
  #assumed: Marks = { since: NEVER, invalidated: NEVER, expired: NEVER };
  /** Whether anything at all depends on a marker: else nobody need look. */
  #inUse: boolean;

  constructor(namespaces: Namespaces, max: number = MOST) {
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
    if (this.#byKey.size >= this.#max && !this.#byKey.has(key)) this.#forget();
    return this.#at(key);
  }

  /** What an entry depends on. */
  of(key: string, stored: string): Dependence {
    const tags = tagsTextOf(stored);
    const namespace = this.#namespaces.of(key);
    if (tags === '' && namespace === undefined) return NOTHING;
    this.#inUse = true;
    const name = namespace === undefined ? tags : namespace.prefix + tags;
    return this.#dependences.get(name) ?? this.#resolve(name, namespace, tags);
  }

  /** The same, but undefined where it is nothing. It holds until the next generation. */
  dependence(key: string, stored: string): Dependence | undefined {
    if (!this.concern(stored)) return undefined;
    const dependence = this.of(key, stored);
    return dependence === NOTHING ? undefined : dependence;
  }

  /** What the entry of a key will depend on, as far as can be told before it is read. */
  expected(key: string): Dependence {
    return this.#seen.get(key) ?? this.of(key, '');
  }

  /** What it depends on, from now on; `expected` before it was read. */
  see(key: string, stored: string, expected?: Dependence): Dependence {
    if (expected?.isOf(stored)) return expected;
    const dependence = this.of(key, stored);
    if (dependence === NOTHING) this.#seen.delete(key);
    else {
      if (this.#seen.size >= this.#max) this.#seen.clear();
      this.#seen.set(key, dependence);
    }
    return dependence;
  }

  /** The marker of the namespace of a key. */
  ofNamespace(key: string): Marker | undefined {
    const namespace = this.#namespaces.of(key);
    return namespace === undefined ? undefined : this.get(namespaceMarker(namespace.name));
  }

  /** What is known here of an entry. */
  verdict(key: string, stored: string): Verdict {
    return this.concern(stored) ? this.of(key, stored).verdict(versionOf(stored)) : 'good';
  }

  apply(mark: Mark): void {
    if (!isInvalidation(mark)) return;
    const marker = this.get(mark.key);
    marker.join(mark);
    marker.missing = false;
  }

  /** Whoever asked for markers is gone: nobody waits for its answers. */
  abandon(): void {
    for (const marker of this.#byKey.values()) {
      marker.asked = marker.confirmed;
      marker.restoring = false;
      marker.waiting = [];
      marker.sets = [];
    }
  }

  /** The local clock was off: what was signed by it is moved to where it belongs. */
  shift(shift: Shift): void {
    this.#assumed = shiftedMarks(this.#assumed, shift);
    for (const marker of this.#byKey.values()) marker.shift(shift);
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

  #resolve(name: string, namespace: Namespace | undefined, tags: string): Dependence {
    const keys = tagsIn(tags).map(tagMarker);
    if (namespace !== undefined) keys.push(namespaceMarker(namespace.name));
    // Room for all of them: those that are forgotten hear of nothing any more.
    if (this.#byKey.size + keys.length > this.#max) this.#forget();
    const dependence = new Dependence(
      tags,
      keys.map((key) => this.#at(key)),
    );
    if (this.#dependences.size >= this.#max) this.#dependences.clear();
    this.#dependences.set(name, dependence);
    return dependence;
  }

  #at(key: string): Marker {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const marker = new Marker(key, this.#assumed);
    this.#byKey.set(key, marker);
    return marker;
  }

  #forget(): void {
    for (const marker of this.#byKey.values()) {
      this.#assumed = joinedMarks(this.#assumed, marker);
      // Who waits asks again, of those that take their places.
      for (const resume of marker.waiting.splice(0)) queueMicrotask(resume);
    }
    this.generation++;
    this.#byKey.clear();
    this.#dependences.clear();
    this.#seen.clear();
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
