import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { UnderstudyError } from '../runtime/errors.ts';

/** Bodies are JSON in UTF-8 or are refused. Bytes that are not UTF-8 would silently become other keys and values. */
export function acceptJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (typeof body === 'string' || !isUtf8(body)) {
      done(new UnderstudyError('INVALID_MESSAGE', 'body: expected JSON in UTF-8'));
      return;
    }
    void parse(request, body.toString('utf8'), done);
  });
}
