import type { HealthReport, HealthStatus } from '../../actors/health/messages.ts';
import type { ChildReport } from '../../actors/supervisor/messages.ts';
import { SCOPE } from '../telemetry/version.ts';

type Verdict = 'pass' | 'warn' | 'fail';

interface Check {
  readonly componentType: 'datastore' | 'component' | 'system';
  readonly status: Verdict;
  readonly observedValue: number | string;
  readonly observedUnit?: string;
  readonly output?: string;
  readonly time: string;
}

const VERDICTS: Readonly<Record<HealthStatus, Verdict>> = {
  healthy: 'pass',
  degraded: 'warn',
  unavailable: 'fail',
};
const LIVES: Readonly<Record<ChildReport['state'], Verdict>> = {
  up: 'pass',
  restarting: 'warn',
  down: 'fail',
};

export const HEALTH_TYPE = 'application/health+json';

/**
 * The report as the Internet-Draft "Health Check Response Format for HTTP APIs" has it (draft-inadarei-api-health-check),
 * with the report's own leading fields beside.
 */
export function healthDocument(report: HealthReport, now: Date) {
  const { healthy, ready, connected, circuit_breaker_open, stats, uptime, instance } = report;
  return {
    status: VERDICTS[report.status],
    version: SCOPE.version.replace(/\..*$/, ''),
    releaseId: SCOPE.version,
    serviceId: instance,
    description: 'Understudy',
    state: report.status,
    ready,
    healthy,
    connected,
    circuit_breaker_open,
    stats,
    uptime,
    checks: checksOf(report, now.toISOString()),
  };
}

function checksOf(report: HealthReport, time: string): Record<string, readonly Check[]> {
  const { redis, durable, near, cache, connected, stats } = report;
  const working = !redis.configured || (connected && redis.state === 'closed');
  const checks: Record<string, readonly Check[]> = {
    'redis:connection': [
      {
        componentType: 'datastore',
        status: working ? 'pass' : 'warn',
        observedValue: redis.state,
        output: redis.reason,
        time,
      },
    ],
    'cache:hit_rate': [
      {
        componentType: 'component',
        status: 'pass',
        observedValue: stats.hit_rate,
        observedUnit: 'ratio',
        time,
      },
    ],
  };
  if (durable.configured) {
    checks['durable:values'] = [
      {
        componentType: 'datastore',
        status: durable.state === 'closed' ? 'pass' : 'warn',
        observedValue: durable.state,
        output: durable.reason,
        time,
      },
    ];
  }
  if (near.mode !== 'off') {
    checks['near:channel'] = [
      {
        componentType: 'component',
        status: near.trusted ? 'pass' : 'warn',
        observedValue: near.mode,
        output: near.reason,
        time,
      },
    ];
  }
  const measure = (
    name: string,
    observedValue: number,
    observedUnit: string,
    status: Verdict = 'pass',
  ): void => {
    checks[name] = [{ componentType: 'component', status, observedValue, observedUnit, time }];
  };
  if (report.warmup !== undefined) {
    const { phase, done, total } = report.warmup;
    checks['warmer:phase'] = [
      {
        componentType: 'component',
        status: 'pass',
        observedValue: phase,
        ...(phase === 'idle' ? {} : { output: `${done} of ${total} keys` }),
        time,
      },
    ];
  }
  if (cache !== undefined) {
    measure('memory:entries', cache.memory.entries, 'entries');
    measure('memory:bytes', cache.memory.bytes, 'bytes');
    measure(
      'journal:entries',
      cache.journal.entries,
      'entries',
      cache.journal.entries === 0 ? 'pass' : 'warn',
    );
    const { store } = cache.journal;
    checks['journal:store'] = [
      {
        componentType: 'datastore',
        status: store.up ? 'pass' : 'warn',
        observedValue: store.kind,
        ...(store.up ? {} : { output: store.reason }),
        time,
      },
    ];
    if (cache.archive !== undefined) measure('durable:behind', cache.archive.behind, 'changes');
    measure('cache:waiting', cache.waiting, 'operations');
  }
  // What a crash said may quote what the actor was working on, and stays in the log.
  for (const { id, state } of report.actors) {
    checks[`actor:${id}`] = [
      { componentType: 'component', status: LIVES[state], observedValue: state, time },
    ];
  }
  return checks;
}
