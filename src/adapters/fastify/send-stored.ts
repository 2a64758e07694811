import type { FastifyReply, FastifyRequest } from 'fastify';
import { describesContent, hasAlready } from './entity-tag.ts';
import { headersOf, lineOf } from './headers.ts';
import { bodyOf, type StoredReply } from './stored-reply.ts';

/** Replies with what was stored, or with 304 to those who have it. `now`: milliseconds since the epoch. */
export function sendStored(
  request: FastifyRequest,
  reply: FastifyReply,
  stored: StoredReply,
  now: number,
): FastifyReply {
  const { status, headers, at, age } = stored;
  reply
    .code(status)
    .headers(headers)
    .header('age', String(age + Math.max(0, Math.floor((now - at) / 1_000))))
    .header('date', new Date(at).toUTCString());
  const body = bodyOf(stored);
  if (notModified(request, reply) || body === undefined) return reply.send();
  // It has been serialised.
  return reply.serializer((payload) => payload).send(body);
}

/** Makes a reply 304 where the request has its content already; then nothing must be sent. */
export function notModified(request: FastifyRequest, reply: FastifyReply): boolean {
  const headers = headersOf(reply.getHeaders());
  if (reply.statusCode !== 200 || !hasAlready(headersOf(request.headers), lineOf(headers, 'etag')))
    return false;
  reply.code(304);
  for (const name of Object.keys(headers)) if (describesContent(name)) reply.removeHeader(name);
  return true;
}
