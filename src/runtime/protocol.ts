/** A message: a plain, serialisable object whose type is `<actor>.<verb>`. */
export interface Message {
  readonly type: string;
}

/**
 * What an actor understands: each message type with the rest of the message and the reply to it.
 *
 *     type Clicks = Protocol<{ 'clicks.add': { request: { page: string }; reply: number } }>;
 */
export type Protocol<P extends Record<string, { request: object; reply: unknown }>> = P;

/** Any protocol. */
export type AnyProtocol = Record<string, { request: object; reply: unknown }>;

/** The messages of a protocol, as a discriminated union. */
export type MessageOf<P> = {
  [T in keyof P & string]: P[T] extends { request: infer R } ? Readonly<{ type: T } & R> : never;
}[keyof P & string];

/** The reply to the message type `T` of a protocol. */
export type ReplyOf<P, T> = T extends keyof P ? (P[T] extends { reply: infer R } ? R : never) : never;

/** The actor a message type belongs to: what stands before its first full stop. */
export function actorOf(type: string): string {
  const stop = type.indexOf('.');
  return stop < 0 ? type : type.slice(0, stop);
}
