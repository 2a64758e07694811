import { randomUUID } from 'node:crypto';
import { type FastifyInstance, fastify } from 'fastify';
import type { Options } from '../config/schema.ts';
import { UnderstudyError } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { HttpContext, Phase, ServedSystem } from './context.ts';
import { guardBy } from './guard.ts';
import { routeHealth } from './health.ts';
import { acceptJsonOnly } from './json-body.ts';
import type { HttpLimits } from './limits.ts';
import { refuseMalformed } from './malformed-request.ts';
import { routeMessages } from './messages.ts';
import { routeMetrics } from './metrics.ts';
import { problemResponder } from './respond-problem.ts';
import { refuseUnrouted } from './unrouted.ts';

export interface AppParts {
  readonly understudy: ServedSystem;
  readonly http: Options['http'];
  readonly logger: Logger;
  readonly limits: HttpLimits;
  readonly phase: () => Phase;
}

/** The HTTP server, not listening yet: its bounds, its routes, and one form for every error. */
export function buildApp({ understudy, http, logger, limits, phase }: AppParts): FastifyInstance {
  const respond = problemResponder(logger, http.bodyLimit);
  const app = fastify({
    bodyLimit: http.bodyLimit,
    requestTimeout: limits.request,
    connectionTimeout: limits.silence,
    keepAliveTimeout: limits.keepAlive,
    http: {
      headersTimeout: limits.request,
      connectionsCheckingInterval: limits.check,
      requireHostHeader: false,
    },
    genReqId: () => randomUUID(),
    // While it closes it answers as ever, by the hooks below.
    return503OnClosing: false,
    clientErrorHandler: refuseMalformed,
    frameworkErrors: respond,
  });
  app.server.maxConnections = limits.connections;
  // Of what a client may expect nothing but 100-continue exists; the rest may be ignored.
  app.server.on('checkExpectation', (request, response) => app.routing(request, response));
  app.setErrorHandler(respond);
  acceptJsonOnly(app);

  app.addHook('onRequest', (request, response, next) => {
    if (phase() === 'draining') void response.header('connection', 'close');
    const named = request.headers.host !== undefined || request.raw.httpVersion === '1.0';
    next(named ? undefined : new UnderstudyError('INVALID_REQUEST', 'host: expected the header, got none'));
  });
  app.addHook('onResponse', ({ id, method, routeOptions }, { statusCode, elapsedTime }, next) => {
    logger.debug(
      { requestId: id, method, route: routeOptions.url, status: statusCode, elapsedTime },
      'request',
    );
    next();
  });
  refuseUnrouted(app);

  const admits = guardBy(http.token);
  const context: HttpContext = {
    understudy,
    phase,
    guard: async ({ headers }) => admits(headers),
    admit: async () => {
      if (phase() === 'draining') throw new UnderstudyError('STOPPING', 'The service is draining');
    },
  };
  routeHealth(app, context);
  routeMetrics(app, context);
  routeMessages(app, context);
  return app;
}
