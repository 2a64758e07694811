import { createUnderstudy, type OptionsInput, type Understudy } from '../../../src/index.ts';
import { switchedOff } from '../../../src/runtime/fault-switch.ts';
import type { WorkerSettings } from '../settings.ts';

/** The system under test, as the run wants it. */
export function startSystem(settings: WorkerSettings): Promise<Understudy> {
  const { namespace, port, without, near, dataFolder } = settings;
  for (const name of without) if (name !== 'tombstones') switchedOff[name] = true;
  const given: OptionsInput = {
    ...JSON.parse(near ? '{"near":true}' : '{}'),
    ...JSON.parse(settings.options.replaceAll('{data}', dataFolder)),
  };
  const forgetful = without.includes('tombstones') ? { tombstoneTtl: 1 } : {};
  return createUnderstudy({
    prefix: namespace,
    redis: { host: '127.0.0.1', port, ...forgetful },
    lease: { ttl: '2s' },
    ...given,
  });
}
