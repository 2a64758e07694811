import type { FastifyInstance } from 'fastify';
import type { HealthReport } from '../../actors/health/messages.ts';
import { UnderstudyError } from '../runtime/errors.ts';
import type { HttpContext } from './context.ts';
import { HEALTH_TYPE, healthDocument } from './health-document.ts';

/** `/livez`: the loop turns. `/readyz`: calls should be sent here, also while Redis is out. `/health`: the whole story. */
export function routeHealth(app: FastifyInstance, { understudy, phase, guard }: HttpContext): void {
  app.get('/livez', () => ({ status: 'alive' }));

  app.get('/readyz', async () => {
    if (phase() === 'draining') throw new UnderstudyError('STOPPING', 'The service is draining');
    if (phase() === 'starting') throw new UnderstudyError('STARTING', 'The service is starting');
    const report = await understudy.health().catch(unanswered);
    if (!report.ready) throw unready(report);
    return { status: 'ready', state: report.status };
  });

  app.get('/health', { onRequest: guard }, async (_request, response) => {
    const report = await understudy.health().catch(unanswered);
    const status = report.status === 'unavailable' ? 503 : 200;
    const document = JSON.stringify(healthDocument(report, new Date()));
    return response.code(status).header('cache-control', 'no-store').type(HEALTH_TYPE).send(document);
  });
}

function unanswered(cause: unknown): never {
  throw new UnderstudyError('ACTOR_UNAVAILABLE', 'The health actor did not answer', { cause });
}

function unready({ system, actors }: HealthReport): UnderstudyError {
  if (system === 'draining' || system === 'stopped') {
    return new UnderstudyError('STOPPING', 'The system is draining or stopped');
  }
  const cache = actors.find(({ id }) => id === 'cache');
  if (system === 'failed' || cache?.state !== 'up') {
    return new UnderstudyError('ACTOR_UNAVAILABLE', 'The cache actor is down');
  }
  return new UnderstudyError('OVERLOADED', 'The cache actor holds nearly all the messages that it may');
}
