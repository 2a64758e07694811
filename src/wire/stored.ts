import { type Shift, shiftedVersion, VERSION_LENGTH } from './hybrid-clock.ts';

/**
 * The envelope around a stored value, as text:
 *
 *     {"understudy":1,"version":"0199…-0000-9f8e7d6c","created":1763700000000,"fresh":1763703600000,"value":…}
 *
 * It is JSON, yet its head has a fixed width: a reader that finds it where it must be parses the value alone, and the
 * scripts in Redis compare versions and move `fresh` without decoding anything. Everything optional ({@link Extras}, codec)
 * stands between `fresh` and `value`, `grace` first.
 */
const HEAD = '{"understudy":1,"version":"';
const VERSION_AT = HEAD.length;
const CREATED = '","created":';
const CREATED_AT = VERSION_AT + VERSION_LENGTH + CREATED.length;
const FRESH = ',"fresh":';
const FRESH_AT = CREATED_AT + 13 + FRESH.length;
const VALUE = ',"value":';
const VALUE_AT = FRESH_AT + 13 + VALUE.length;
const GRACE = ',"grace":';
const GRACE_AT = FRESH_AT + 13;

const TAGS = ',"tags":';

const ABSENT = ',"absent":true';

let lastCreated = 0;
let lastFresh = 0;
let lastTimes = '';

/** What else may be said of a value; where it is `absent`, nothing else. */
export interface Extras {
  /** Milliseconds that it is kept after it was fresh, to be answered as stale. */
  readonly grace?: number;
  /** What it is to be invalidated with; see {@link encodedTags}. */
  readonly tags?: readonly string[];
  /** Milliseconds that it took to load. */
  readonly took?: number;
  /** What its source calls this version of it. */
  readonly etag?: string;
  /** When its source says that it changed, milliseconds since the epoch. */
  readonly modified?: number;
  /** What is known is that there is no value. */
  readonly absent?: true;
}

/** Extras as they stand in an envelope. */
export function encodeExtras(extras: Extras): string {
  const { grace, tags, took, etag, modified, absent } = extras;
  if (absent && tags === undefined) return ABSENT;
  let text = absent ? ABSENT : '';
  if (grace !== undefined && grace > 0) text += `${GRACE}${grace}`;
  if (tags !== undefined && tags.length > 0) text += TAGS + encodedTags(tags);
  if (took !== undefined) text += `,"took":${took}`;
  if (etag !== undefined) text += `,"etag":${JSON.stringify(etag)}`;
  if (modified !== undefined) text += `,"modified":${modified}`;
  return text;
}

/** A value as it stands in an envelope, and what else is said there: {@link encodeExtras}, and how it was packed. */
export interface Packed {
  readonly said: string;
  readonly text: string;
}

/** Time travel aside, both times have 13 digits until the year 2286. `extras` are encoded. */
export function encodeStored(
  version: string,
  created: number,
  fresh: number,
  json: string,
  extras = '',
): string {
  if (extras !== '') return `${HEAD}${version}${CREATED}${created}${FRESH}${fresh}${extras}${VALUE}${json}}`;
  // Writes of one turn mostly share their times: fewer pieces to join, and to keep alive in memory, for each.
  if (created !== lastCreated || fresh !== lastFresh) {
    lastCreated = created;
    lastFresh = fresh;
    lastTimes = `${CREATED}${created}${FRESH}${fresh}${VALUE}`;
  }
  return `${HEAD}${version}${lastTimes}${json}}`;
}

/** What cannot be read as a value: an unknown version or codec, or bytes that are no JSON. A miss, never an exception. */
export const UNREADABLE: unique symbol = Symbol('unreadable');

/** The value in a stored text that was not packed; undefined where it is known that there is none. */
export function readValue(stored: string): unknown {
  try {
    return parseValue(stored);
  } catch {
    return UNREADABLE;
  }
}

/** The same, but for what is no value: then it throws, as JSON.parse does, or is {@link UNREADABLE}. */
export function parseValue(stored: string): unknown {
  const json = plainJsonIn(stored);
  return json === undefined ? generalValue(JSON.parse(stored)) : JSON.parse(json);
}

/** The JSON of a value of ours that was not packed, and that there is; undefined for anything else. */
export function plainJsonIn(stored: string): string | undefined {
  const at = isPlainHead(stored) ? VALUE_AT : plainValueAt(stored);
  return at > 0 ? slice.call(stored, at, -1) : undefined;
}

/** What else a stored text says of its value, as far as it can be read. */
export function extrasOf(stored: string): Extras {
  if (isPlainHead(stored) || !isOurs(stored)) return NOTHING_ELSE;
  try {
    return JSON.parse(`{${stored.slice(GRACE_AT + 1, valueAt(stored) - VALUE.length)}}`);
  } catch {
    return NOTHING_ELSE;
  }
}

const NOTHING_ELSE: Extras = Object.freeze({});

/** All that a stored text of ours says between its times and its value; '' where that is nothing, and for other texts. */
export function saidIn(stored: string): string {
  return isOurs(stored) ? stored.slice(GRACE_AT, valueAt(stored) - VALUE.length) : '';
}

/** Milliseconds since the epoch until which a stored text may be answered at all, or undefined when it does not say. */
export function expiryOf(stored: string): number | undefined {
  const fresh = freshOf(stored);
  return fresh === undefined ? undefined : fresh + graceOf(stored);
}

/** Milliseconds that it is kept after it was fresh. */
export function graceOf(stored: string): number {
  if (!stored.startsWith(GRACE, GRACE_AT)) return 0;
  const at = GRACE_AT + GRACE.length;
  return Number.parseInt(stored.slice(at, at + 13), 10) || 0;
}

/** Whether a stored text is kept for longer than it is fresh, and that is over at `now`. */
export function isStale(stored: string, now: number): boolean {
  // Most have no grace, and end with their time to be fresh: one look is enough.
  if (charCodeAt.call(stored, GRACE_AT + 2) !== G) return false;
  return graceOf(stored) > 0 && (freshOf(stored) ?? now) <= now;
}

/** Whether there is nothing to touch or to add to: it was fresh once and is only kept since, or says that there is none. */
export function isNothing(stored: string, now: number): boolean {
  return isStale(stored, now) || stored.startsWith(ABSENT, GRACE_AT);
}

/** Milliseconds since the epoch at which a stored text was made, or undefined when it does not say. */
export function createdOf(stored: string): number | undefined {
  return isOurs(stored) ? Number(stored.slice(CREATED_AT, CREATED_AT + 13)) : undefined;
}

/**
 * Tags as they stand in an envelope, as a list of texts in which nothing need be escaped: the first closing bracket ends it.
 * The same tags, in whatever order they were given, are the same text.
 */
function encodedTags(tags: readonly string[]): string {
  const texts = tags.map((tag) => tag.replace(UNSAFE, encodeURIComponent));
  return `["${[...new Set(texts)].sort().join('","')}"]`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they would be escaped in JSON
const UNSAFE = /["\\\]%\x00-\x1f]/g;

/** Where the list of its tags begins in a stored text; 0 where it has none. */
function tagsAt(stored: string): number {
  // Most have nothing optional: one look is enough.
  const first = charCodeAt.call(stored, GRACE_AT + 2);
  if (first !== T && first !== G && first !== A) return 0;
  const at = first === T ? GRACE_AT : stored.indexOf(',', GRACE_AT + 1);
  return startsWith.call(stored, TAGS, at) && startsWith.call(stored, HEAD) ? at + TAGS.length : 0;
}

/** The list of the tags of a stored text, as it stands there; '' where it has none. */
export function tagsTextOf(stored: string): string {
  const at = tagsAt(stored);
  return at === 0 ? '' : slice.call(stored, at, stored.indexOf(']', at) + 1);
}

/** Whether that is the list. */
export function hasTags(stored: string, tags: string): boolean {
  const at = tagsAt(stored);
  return at === 0 ? tags === '' : tags !== '' && startsWith.call(stored, tags, at);
}

/** The tags in such a list. */
export function tagsIn(text: string): string[] {
  return text === '' ? [] : text.slice(2, -2).split('","').map(decoded);
}

/** What nobody of us has written there is a tag as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isOurs(stored: string): boolean {
  return stored.startsWith(HEAD);
}

/** Milliseconds since the epoch until which a stored text is fresh, or undefined when it does not say. */
export function freshOf(stored: string): number | undefined {
  if (!stored.startsWith(HEAD)) return undefined;
  const fresh = Number(stored.slice(FRESH_AT, FRESH_AT + 13));
  return Number.isNaN(fresh) ? undefined : fresh;
}

/** What compares with stored texts as their versions do with this one. Texts that somebody else wrote may be either side. */
export function boundaryOf(version: string): string {
  return HEAD + version;
}

/** The version of a stored text, or '' (older than any) for a value somebody else wrote. */
export function versionOf(stored: string): string {
  return stored.startsWith(HEAD) ? stored.slice(VERSION_AT, VERSION_AT + VERSION_LENGTH) : '';
}

/** What tells a stored text from what a change makes of it: its version, and as a touch makes that no later, its time. */
export function markOf(stored: string): string {
  return stored.startsWith(HEAD) ? versionOf(stored) + stored.slice(FRESH_AT, FRESH_AT + 13) : '';
}

/** Called as they are: V8 has so many kinds of strings that to find a method of each costs more than the method. */
const { charCodeAt, endsWith, slice, startsWith } = String.prototype;
const COMMA = ','.charCodeAt(0);
const V = 'v'.charCodeAt(0);
const G = 'g'.charCodeAt(0);
const T = 't'.charCodeAt(0);
const A = 'a'.charCodeAt(0);

/**
 * Whether the value follows at once. Behind our head there is no other field that begins so; and without its last brace a
 * text was cut short, and what is left of a number would read as another number.
 */
function isPlainHead(stored: string): boolean {
  return (
    charCodeAt.call(stored, VALUE_AT - VALUE.length + 2) === V &&
    charCodeAt.call(stored, VALUE_AT - VALUE.length) === COMMA &&
    startsWith.call(stored, HEAD) &&
    endsWith.call(stored, '}')
  );
}

/** Where the value begins that only times and tags are said of; 0 where something is that makes another value of it. */
function plainValueAt(stored: string): number {
  if (!startsWith.call(stored, HEAD) || !endsWith.call(stored, '}')) return 0;
  const tags = tagsAt(stored);
  if (tags > 0) {
    // Mostly it follows its tags at once.
    const end = stored.indexOf(']', tags) + 1;
    if (startsWith.call(stored, VALUE, end))
      return charCodeAt.call(stored, GRACE_AT + 2) === A ? 0 : end + VALUE.length;
  }
  const at = valueAt(stored);
  const said = slice.call(stored, GRACE_AT, at);
  return said.includes('"codec":') || said.startsWith(ABSENT) ? 0 : at;
}

/** Envelopes with optional fields, and plain JSON that somebody else wrote. */
function generalValue(parsed: unknown): unknown {
  if (typeof parsed !== 'object' || parsed === null || !('understudy' in parsed)) return parsed;
  if (parsed.understudy !== 1 || !('value' in parsed) || 'codec' in parsed) return UNREADABLE;
  return 'absent' in parsed ? undefined : parsed.value;
}

/** The same value under a later version and with another time to be fresh; somebody else's value is left as it is. */
export function restamped(stored: string, version: string, fresh: number): string {
  if (!stored.startsWith(HEAD)) return stored;
  const created = stored.slice(VERSION_AT + VERSION_LENGTH, FRESH_AT);
  return `${HEAD}${version}${created}${fresh}${stored.slice(FRESH_AT + 13)}`;
}

/** The JSON of the value, where the scripts in Redis look for it; all of what somebody else wrote. */
export function valueTextOf(stored: string): string {
  return isOurs(stored) ? stored.slice(valueAt(stored), -1) : stored;
}

/** Another value with the same times, under this version; of what somebody else wrote the value alone. */
export function revalued(stored: string, version: string, json: string): string {
  if (!isOurs(stored)) return json;
  return `${HEAD}${version}${stored.slice(VERSION_AT + VERSION_LENGTH, valueAt(stored))}${json}}`;
}

/** An unescaped quote cannot stand in a string: where this is first found, the value begins. */
function valueAt(stored: string): number {
  const at = stored.indexOf(VALUE, GRACE_AT);
  return at < 0 ? stored.length : at + VALUE.length;
}

/** The same value as the right clock would have stored it; that of another instance is left as it is. */
export function shiftedStored(stored: string, shift: Shift): string {
  const version = versionOf(stored);
  const fresh = freshOf(stored);
  if (fresh === undefined || !version.endsWith(shift.instance)) return stored;
  const created = Number(stored.slice(CREATED_AT, CREATED_AT + 13)) + shift.by;
  const rest = stored.slice(FRESH_AT + 13);
  return `${HEAD}${shiftedVersion(version, shift)}${CREATED}${created}${FRESH}${fresh + shift.by}${rest}`;
}
