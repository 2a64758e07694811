import type { FastifyInstance } from 'fastify';
import { UnderstudyError } from '../runtime/errors.ts';

/** Refuses what no route takes before its body is read: NOT_FOUND, or METHOD_NOT_ALLOWED with what is allowed. */
export function refuseUnrouted(app: FastifyInstance): void {
  const allowed = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = allowed.get(url) ?? new Set();
    for (const one of [method].flat()) methods.add(one);
    allowed.set(url, methods);
  });
  app.addHook('onRequest', (request, response, next) => {
    if (!request.is404) {
      next();
      return;
    }
    const methods = allowed.get(request.url.replace(/\?.*$/s, ''));
    if (methods === undefined) {
      next(new UnderstudyError('NOT_FOUND', 'There is nothing at this path'));
      return;
    }
    const list = [...methods].join(', ');
    void response.header('allow', list);
    next(new UnderstudyError('METHOD_NOT_ALLOWED', `This path takes ${list}`));
  });
}
