/**
 * A marker is a key of ours that says until which version whatever bears its tag, or belongs to its namespace, is invalidated,
 * and until which it is expired: one change, however many entries there are. Who wants to know whether an entry is still good
 * compares its version with these.
 */
export interface Marks {
  /** Since when it is there: it may have been there before, and be lost with what it said then. What is older is gone. */
  readonly since: string;
  /** What is older is gone. */
  readonly invalidated: string;
  /** What is older is stale. */
  readonly expired: string;
}

/** Begins the key of a marker. No key of a user's does: no text begins with the second half of a character. */
const MARK = '\udc00';
const MARK_CODE = MARK.charCodeAt(0);

/** Milliseconds that a marker is kept in Redis at least: 30 days. What lives longer lengthens it. */
export const MARKER_TTL = 30 * 86_400_000;

/** Before every version. */
export const NEVER = '000000000000-0000-00000000';

export function tagMarker(tag: string): string {
  return `${MARK}tag:${tag}`;
}

export function namespaceMarker(name: string): string {
  return `${MARK}namespace:${name}`;
}

export function isMarker(key: string): boolean {
  return key.charCodeAt(0) === MARK_CODE;
}

/** What the key of a marker is called in Redis, behind the prefix, and wherever else text must be well-formed. */
export function markerName(key: string): string {
  return `~${key.slice(1)}`;
}

/** The key behind such a name; undefined for one of something else. */
export function markerOf(name: string): string | undefined {
  return /^~(?:tag|namespace):/.test(name) ? MARK + name.slice(1) : undefined;
}

const SINCE = '{"understudy":1,"since":"';
const INVALIDATED = '","invalidated":"';
const EXPIRED = '","expired":"';
const END = '"}';
const SINCE_AT = SINCE.length;
const INVALIDATED_AT = SINCE_AT + NEVER.length + INVALIDATED.length;
const EXPIRED_AT = INVALIDATED_AT + NEVER.length + EXPIRED.length;
const LENGTH = EXPIRED_AT + NEVER.length + END.length;

/** Every field has a fixed place: the scripts look there. */
export function encodeMarks({ since, invalidated, expired }: Marks): string {
  return SINCE + since + INVALIDATED + invalidated + EXPIRED + expired + END;
}

/** The marks in a text, or undefined where it holds none. */
export function marksIn(text: string): Marks | undefined {
  if (text.length !== LENGTH || !text.startsWith(SINCE)) return undefined;
  const versionAt = (at: number): string => text.slice(at, at + NEVER.length);
  return {
    since: versionAt(SINCE_AT),
    invalidated: versionAt(INVALIDATED_AT),
    expired: versionAt(EXPIRED_AT),
  };
}

/** The version of what is changed now, whatever clock it was stamped by: not below the floor. */
export function above(floor: string, version: string): string {
  if (floor <= version) return version;
  const counter = Number.parseInt(floor.slice(13, 17), 16) + 1;
  if (!(counter <= 0xffff)) return version;
  return floor.slice(0, 13) + counter.toString(16).padStart(4, '0') + version.slice(17);
}

export function later(one: string, other: string): string {
  return one > other ? one : other;
}

/** What both say. */
export function joinedMarks(one: Marks, other: Marks): Marks {
  return {
    since: one.since < other.since ? one.since : other.since,
    invalidated: later(one.invalidated, other.invalidated),
    expired: later(one.expired, other.expired),
  };
}
