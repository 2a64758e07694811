import type { EventEmitter } from 'node:events';
import type { Options } from '../config/schema.ts';
import { serveHttp } from '../http/serve-http.ts';
import type { Logger } from '../runtime/logger.ts';
import type { ActorSpec } from '../system/define-actor.ts';
import { startUnderstudy } from '../system.ts';
import { startTelemetry } from '../telemetry/sdk.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { Failure } from './failure.ts';
import { LastingMetrics } from './lasting-metrics.ts';
import { firstStopSignal } from './stop-signals.ts';

export interface ServiceParts {
  readonly options: Options;
  /** Where the variables of OpenTelemetry are. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly actors?: readonly ActorSpec[];
  readonly logger?: Logger;
  /** Tells of SIGINT, SIGTERM and what nobody caught: the process. */
  readonly process: Pick<EventEmitter, 'on'>;
  /** Ends the process at once. */
  readonly abandon: (exitCode: number) => void;
  /** Called when the service listens. */
  readonly listening?: () => void;
}

/**
 * Serves until a signal says stop, or the supervisor gives up; resolves with the exit code once all is drained. HTTP is
 * there at once, whether Redis is or not. Rejects when the port cannot be had.
 */
export async function runService({
  options,
  env,
  actors = [],
  process,
  abandon,
  listening,
  ...given
}: ServiceParts): Promise<ExitCode> {
  const signal = firstStopSignal(process, abandon);
  const { understudy, recovered, reached, logger } = startUnderstudy({ ...options, actors, ...given });
  // What an earlier process left comes before anybody is served.
  await recovered;
  process.on('uncaughtException', (error: unknown) => {
    logger.error({ err: error }, 'nobody caught an error');
    abandon(EXIT.internal);
  });
  const gaveUp = new Promise<'gave up'>((resolve) => {
    understudy.subscribe((event) => {
      if (event.type === 'system.changed' && event.state === 'failed') resolve('gave up');
    });
  });
  const face = await serveHttp({ understudy, http: options.http, logger, reached }).catch(
    async (error: unknown) => {
      await understudy.stop();
      throw unableToListen(error, options.http);
    },
  );
  logger.info({ url: face.url }, `listening on ${face.url}`);
  listening?.();
  const source = new LastingMetrics(understudy);
  const telemetry = await startTelemetry(env, source, logger).catch((error: unknown) => {
    logger.error({ err: error }, 'telemetry could not be started');
  });

  const end = await Promise.race([signal, gaveUp]);
  face.drain();
  if (end === 'gave up') logger.error({ state: understudy.state }, 'the supervisor gave up');
  else logger.info({ signal: end }, 'draining');
  await source.keep();
  await understudy.stop();
  await face.close();
  await telemetry?.shutdown();
  logger.info({}, 'stopped');
  return end === 'gave up' ? EXIT.internal : EXIT.ok;
}

function unableToListen(error: unknown, { host, port }: Options['http']): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'EADDRINUSE') {
    return new Failure(`port ${port} of ${host} is taken; name another by UNDERSTUDY_HTTP_PORT`);
  }
  return new Failure(`cannot listen on port ${port} of ${host}: ${String(error.code)}`);
}
