import { z } from 'zod';
import { type Headers, membersOf } from './headers.ts';

/** A reply as it is kept: JSON, in which bytes are base64 and text is text. */
const storedReply = z.object({
  status: z.number(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  body: z.string().nullable(),
  encoding: z.enum(['utf8', 'base64']),
  /** When it was stored, in milliseconds since the epoch. */
  at: z.number(),
  /** Seconds that it was old then. */
  age: z.number(),
  /** Milliseconds from then until it is no longer fresh. */
  ttl: z.number(),
});

/** Says that the reply is not to be stored, and why: so nobody needs to wait for it. */
const note = z.object({ refused: z.string() });

const entry = z.union([storedReply, note]);

export type StoredReply = Readonly<z.infer<typeof storedReply>>;
export type Note = Readonly<z.infer<typeof note>>;

/** What was found at a key; what somebody else wrote there is none of ours. */
export function readEntry(value: unknown): StoredReply | Note | undefined {
  return entry.safeParse(value).data;
}

/** What a handler replied. */
export interface Captured {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string | Buffer | null;
}

/** About the connection and not the content (RFC 9111, 3.1), or told anew with each reply. */
const OWN_TO_EACH = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
  ...['proxy-authenticate', 'proxy-authentication-info', 'proxy-authorization'],
  ...['age', 'cache-status', 'date'],
]);

/**
 * The fields that are to be stored: those that are not as they were before the handler ran. What was there before is told
 * anew with each reply, by the hook that told it.
 */
export function storedHeaders(headers: Headers, before: Headers): Headers {
  const nominated = membersOf(headers, 'connection');
  const kept = Object.entries(headers).filter(
    ([name, value]) =>
      !OWN_TO_EACH.has(name) && !nominated.includes(name) && String(value) !== String(before[name]),
  );
  return Object.fromEntries(kept);
}

/** With the times of {@link StoredReply}. */
export function toStored(
  { status, headers, body }: Captured,
  times: Pick<StoredReply, 'at' | 'age' | 'ttl'>,
): StoredReply {
  const encoding = typeof body === 'string' ? 'utf8' : 'base64';
  return { status, headers, body: body?.toString(encoding) ?? null, encoding, ...times };
}

/** The body to send; undefined when there is none. */
export function bodyOf({ body, encoding }: StoredReply): string | Buffer | undefined {
  if (body === null) return undefined;
  return encoding === 'utf8' ? body : Buffer.from(body, encoding);
}
