import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { FastifyRequest } from 'fastify';
import { isUnderstudyError } from '../runtime/errors.ts';
import { SCOPE } from '../telemetry/version.ts';

const tracer = trace.getTracer(SCOPE.name, SCOPE.version);

/**
 * Runs the handler in a span that continues the trace of the `traceparent` header, so that what it asks of the actors
 * belongs there. Without an OpenTelemetry SDK nothing is read and nothing recorded.
 */
export async function inServerSpan<T>(
  request: FastifyRequest,
  route: string,
  handle: () => Promise<T>,
): Promise<T> {
  const parent = propagation.extract(context.active(), request.headers);
  // Nothing else that the client chose: a query, a user agent or a host may hold anything.
  const attributes = {
    'http.request.method': request.method,
    'http.route': route,
    'url.path': route,
    'url.scheme': 'http',
    'network.protocol.version': request.raw.httpVersion,
  };
  const span = tracer.startSpan(`${request.method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent);
  try {
    const result = await context.with(trace.setSpan(parent, span), handle);
    span.setAttribute('http.response.status_code', 200);
    return result;
  } catch (error) {
    const status = isUnderstudyError(error) ? error.status : 500;
    span.setAttribute('http.response.status_code', status);
    if (status >= 500) {
      span.setAttribute('error.type', isUnderstudyError(error) ? error.code : '_OTHER');
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    throw error;
  } finally {
    span.end();
  }
}
