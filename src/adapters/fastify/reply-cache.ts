import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../runtime/clock.ts';
import { isUnderstudyError } from '../../runtime/errors.ts';
import type { Understudy } from '../../system/understudy.ts';
import { directivesOf } from './cache-control.ts';
import { entityTag } from './entity-tag.ts';
import { type Answered, type Exchange, type Leading, type Passing, SharedFailure } from './exchange.ts';
import { headersOf, membersOf } from './headers.ts';
import { routeKey } from './route-key.ts';
import type { ResolvedRoute } from './route-options.ts';
import { ageOf, judge, type Refusal } from './storable.ts';
import { readEntry, type StoredReply, storedHeaders, toStored } from './stored-reply.ts';

interface ReplyCacheParts {
  readonly understudy: Pick<Understudy, 'ask'>;
  readonly keyPrefix: string;
  /** Bytes of a body. */
  readonly maxBody: number;
  readonly clock: Pick<Clock, 'now'>;
}

/** Why a reply is not stored. */
type Unstored = Refusal | 'stream' | 'too-large';

/** What a later reply of the same route will hardly be without: for a while, nobody waits for one that could be stored. */
const LASTING: ReadonlySet<Unstored> = new Set<Unstored>([
  'no-store',
  'private',
  'no-cache',
  'authorization',
  'vary',
  'stream',
  'too-large',
]);
/** Milliseconds. */
const NOTED_FOR = 10_000;

const MISS = 'fwd=uri-miss';

/** Finds replies, and stores those that may be stored. */
export class ReplyCache {
  readonly #parts: ReplyCacheParts;

  constructor(parts: ReplyCacheParts) {
    this.#parts = parts;
  }

  /** Before the handler. Throws INVALID_CONFIG for a route whose `key` returns no text. */
  async open(route: ResolvedRoute, request: FastifyRequest, reply: FastifyReply): Promise<Exchange> {
    const { method, headers } = request;
    if (!route.methods.includes(method)) return passing('fwd=method');
    if (directivesOf(headers['cache-control']).has('no-store')) return passing('fwd=request');
    const keyOf = (name: string): string => routeKey(this.#parts.keyPrefix, route, request, name);
    const key = keyOf(method);
    // To HEAD the fields of what GET was answered with are an answer.
    const alike = method === 'HEAD' && route.methods.includes('GET') ? keyOf('GET') : undefined;
    try {
      return (alike && (await this.#find(alike))) || (await this.#acquire(key, request, reply));
    } catch (error) {
      if (error instanceof SharedFailure) return answered(error.reply, `${MISS}; collapsed`);
      // Whatever keeps the cache from answering keeps no route from it.
      if (isUnderstudyError(error)) return passing(`fwd=bypass${detailOf(error.code)}`);
      throw error;
    }
  }

  async #find(key: string): Promise<Answered | undefined> {
    const found = await this.#parts.understudy.ask({ type: 'cache.find', key });
    const entry = found.found ? readEntry(found.value) : undefined;
    return entry !== undefined && 'body' in entry ? this.#hit(entry) : undefined;
  }

  async #acquire(key: string, { headers }: FastifyRequest, reply: FastifyReply): Promise<Exchange> {
    // As long as the handler takes: a lease that is not given back lapses by itself.
    const limits = { deadline: Number.POSITIVE_INFINITY };
    const answer = await this.#parts.understudy.ask({ type: 'cache.acquire', key }, limits);
    if ('lease' in answer) {
      const { lease } = answer;
      const authorized = headers.authorization !== undefined;
      const before = headersOf(reply.getHeaders());
      return { state: 'leading', key, lease, authorized, before, captured: 'stream', settled: false };
    }
    const entry = answer.found ? readEntry(answer.value) : undefined;
    if (entry === undefined) return passing(MISS);
    return 'body' in entry ? this.#hit(entry) : passing(MISS + detailOf(entry.refused));
  }

  #hit(stored: StoredReply): Answered {
    const left = stored.at + stored.ttl - this.#parts.clock.now();
    return answered(stored, `hit; ttl=${Math.floor(left / 1_000)}`);
  }

  /** When the handler has replied, before hooks make of it what is sent. Tags the content. */
  capture(exchange: Leading, reply: FastifyReply, payload: unknown): void {
    const body = payload ?? null;
    if (body !== null && typeof body !== 'string' && !Buffer.isBuffer(body)) {
      exchange.captured = 'stream';
      return;
    }
    if (body !== null && Buffer.byteLength(body) > this.#parts.maxBody) {
      exchange.captured = 'too-large';
      return;
    }
    const status = reply.statusCode;
    if (status === 200 && body !== null && body.length > 0 && !reply.hasHeader('etag'))
      reply.header('etag', entityTag(body));
    exchange.captured = { status, headers: headersOf(reply.getHeaders()), body };
  }

  /** When all is known of what is sent: stores it, or tells those who wait that it is not for them. Returns Cache-Status. */
  async settle(exchange: Leading, route: ResolvedRoute, reply: FastifyReply): Promise<string> {
    const { captured, authorized, before } = exchange;
    const at = this.#parts.clock.now();
    exchange.settled = true;
    if (typeof captured === 'string') return this.#refuse(exchange, route, captured);
    const headers = headersOf(reply.getHeaders());
    const vary = membersOf(captured.headers, 'vary');
    const verdict = judge({ status: captured.status, headers, vary, authorized }, route, at);
    const kept = { ...captured, headers: storedHeaders(captured.headers, before) };
    const age = ageOf(captured.headers);
    if ('ttl' in verdict) {
      const { ttl } = verdict;
      return this.#fulfil(exchange, toStored(kept, { at, age, ttl }), ttl, '');
    }
    if (captured.status < 500) return this.#refuse(exchange, route, verdict.refused);
    // A failure says nothing of later replies; and one that is somebody's own is not shared.
    if (verdict.refused !== 'status') return this.#fulfil(exchange, undefined, 0, detailOf(verdict.refused));
    await this.#abandon(exchange, new SharedFailure(toStored(kept, { at, age, ttl: 0 })));
    return MISS + detailOf('status');
  }

  /** The lease of a request that was never replied to through the framework: the next may try. */
  async release(exchange: Leading): Promise<void> {
    if (exchange.settled) return;
    exchange.settled = true;
    await this.#abandon(exchange);
  }

  #refuse(exchange: Leading, { ttl }: ResolvedRoute, refused: Unstored): Promise<string> {
    const note = LASTING.has(refused) ? { refused } : undefined;
    return this.#fulfil(exchange, note, Math.min(ttl, NOTED_FOR), detailOf(refused));
  }

  /** Without a value there is nothing for those who wait: each has its own reply made. */
  async #fulfil({ key, lease }: Leading, value: unknown, ttl: number, detail: string): Promise<string> {
    const message = value === undefined ? { key, lease } : { key, lease, value, ttl };
    try {
      const { stored } = await this.#parts.understudy.ask({ type: 'cache.fulfil', ...message });
      return MISS + (stored && detail === '' ? '; stored' : detail);
    } catch (error) {
      if (!isUnderstudyError(error)) throw error;
      await this.#abandon({ key, lease });
      return MISS + detailOf(error.code);
    }
  }

  async #abandon({ key, lease }: Pick<Leading, 'key' | 'lease'>, reason?: SharedFailure): Promise<void> {
    try {
      await this.#parts.understudy.ask({ type: 'cache.abandon', key, lease, reason });
    } catch (error) {
      // It lapses by itself.
      if (!isUnderstudyError(error)) throw error;
    }
  }
}

function detailOf(reason: string): string {
  return `; detail=${reason}`;
}

function passing(status: string): Passing {
  return { state: 'passing', status };
}

function answered(stored: StoredReply, status: string): Answered {
  return { state: 'answered', status, stored };
}
