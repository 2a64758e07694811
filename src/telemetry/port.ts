import type { TraceContext } from '../runtime/envelope.ts';

/** A span in the making. */
export interface Span {
  /** Ends the span, as failed when an error is given. */
  end(error?: unknown): void;
}

/** What one round trip to Redis, or to the durable tier, is, for its span. */
export interface RoundTrip {
  /** Default: `redis`. */
  readonly system?: 'redis' | 'postgresql';
  readonly operation: 'MGET' | 'EVALSHA' | 'SCAN' | 'GET' | 'SET' | 'SELECT' | 'INSERT' | 'DELETE';
  /** The table that a statement is about. */
  readonly collection?: string;
  /** The script that EVALSHA runs. */
  readonly script?: 'write' | 'replay' | 'lease' | 'clear';
  /** Operations in the batch. */
  readonly size: number;
  /** As configured; the port where it is not the usual one. */
  readonly host: string;
  readonly port: number | undefined;
  /** The server that answers, where there is a single one. */
  readonly peer?: { readonly address: string; readonly port: number } | undefined;
  readonly database: number | string;
}

/** Tracing as the actors see it; nearly free when nobody records. */
export interface Tracing {
  /** The active trace context, or undefined when none records. */
  capture(): TraceContext | undefined;
  /** One context for a batch: the first is its parent, the others are linked. */
  join(contexts: readonly TraceContext[]): TraceContext | undefined;
  /** A span around one round trip. */
  roundTrip(trip: RoundTrip, parent: TraceContext | undefined): Span;
  /** A span around one operation, under a recording parent only, with the context for what it causes. */
  operation(name: string, parent: TraceContext): Span & { readonly context: TraceContext };
}
