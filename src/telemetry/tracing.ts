import {
  type Attributes,
  type Context,
  context,
  type Link,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { TraceContext } from '../runtime/envelope.ts';
import { isUnderstudyError } from '../runtime/errors.ts';
import { databaseAttributes, failedTrip, spanName } from './database-span.ts';
import type { RoundTrip, Span, Tracing } from './port.ts';
import { SCOPE } from './version.ts';

/** Most links of one span; the SDK keeps no more by default. */
const MAX_LINKS = 128;

const NO_SPAN: Span = { end: () => {} };

/** Traces to whatever OpenTelemetry SDK the host registers, before or after; to nowhere without one. */
export class OpenTelemetryTracing implements Tracing {
  readonly #tracer: Tracer = trace.getTracer(SCOPE.name, SCOPE.version);

  capture(): TraceContext | undefined {
    const active = context.active();
    return trace.getSpan(active)?.isRecording() ? active : undefined;
  }

  join(contexts: readonly TraceContext[]): TraceContext | undefined {
    const first = contexts[0];
    if (first === undefined || contexts.length === 1) return first;
    // An operation on many keys brings its context once for each.
    const others = new Set(contexts);
    others.delete(first);
    return others.size === 0 ? first : new Joined(contextOf(first), others);
  }

  roundTrip(trip: RoundTrip, parent: TraceContext | undefined): Span {
    const under = parent === undefined ? unattended() : contextOf(parent);
    if (under === undefined) return NO_SPAN;
    const links = parent instanceof Joined ? parent.links() : [];
    const options = { kind: SpanKind.CLIENT, attributes: databaseAttributes(trip), links };
    return new EndableSpan(this.#tracer.startSpan(spanName(trip), options, under), under, failedTrip);
  }

  operation(name: string, parent: TraceContext): Span & { readonly context: TraceContext } {
    const under = contextOf(parent);
    const span = this.#tracer.startSpan(name, { kind: SpanKind.INTERNAL }, under);
    return new EndableSpan(span, under, failedOperation);
  }
}

class EndableSpan implements Span {
  readonly #span: OtelSpan;
  readonly #parent: Context;
  readonly #describe: (error: unknown) => Attributes;

  constructor(span: OtelSpan, parent: Context, describe: (error: unknown) => Attributes) {
    this.#span = span;
    this.#parent = parent;
    this.#describe = describe;
  }

  get context(): TraceContext {
    return trace.setSpan(this.#parent, this.#span);
  }

  end(error?: unknown): void {
    if (error !== undefined) {
      // Without a description: what an error says may quote a value.
      this.#span.setStatus({ code: SpanStatusCode.ERROR });
      this.#span.setAttributes(this.#describe(error));
    }
    this.#span.end();
  }
}

/** The name of an error that a host's loader or actor threw is its own affair. */
function failedOperation(error: unknown): Attributes {
  return { 'error.type': isUnderstudyError(error) ? error.code : '_OTHER' };
}

/** The contexts of a batch. */
class Joined {
  readonly parent: Context;
  readonly #others: ReadonlySet<TraceContext>;

  constructor(parent: Context, others: ReadonlySet<TraceContext>) {
    this.parent = parent;
    this.#others = others;
  }

  links(): Link[] {
    const links: Link[] = [];
    for (const other of this.#others) {
      const span = trace.getSpanContext(contextOf(other));
      if (span !== undefined) links.push({ context: span });
      if (links.length === MAX_LINKS) break;
    }
    return links;
  }
}

/**
 * Where a round trip belongs that no recorded operation asked for: to a trace of its own, which the sampler may refuse.
 * To none when it was made for a caller whose trace is not sampled.
 */
function unattended(): Context | undefined {
  const caller = trace.getSpan(context.active());
  if (caller === undefined || caller.isRecording()) return ROOT_CONTEXT;
  return caller.spanContext().traceFlags & TraceFlags.SAMPLED ? ROOT_CONTEXT : undefined;
}

function contextOf(traceContext: TraceContext): Context {
  if (traceContext instanceof Joined) return traceContext.parent;
  return isContext(traceContext) ? traceContext : ROOT_CONTEXT;
}

function isContext(candidate: object): candidate is Context {
  return 'getValue' in candidate && 'setValue' in candidate && 'deleteValue' in candidate;
}
