import type { FastifyInstance } from 'fastify';
import { PROMETHEUS_CONTENT_TYPE, renderPrometheus } from '../telemetry/prometheus.ts';
import type { HttpContext } from './context.ts';

/** `/metrics`: everything that is counted, for Prometheus. */
export function routeMetrics(app: FastifyInstance, { understudy, guard }: HttpContext): void {
  app.get('/metrics', { onRequest: guard }, async (_request, response) => {
    const families = await understudy.metrics();
    return response.type(PROMETHEUS_CONTENT_TYPE).send(renderPrometheus(families));
  });
}
