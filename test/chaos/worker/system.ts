import { createUnderstudy, type Understudy } from '../../../src/index.ts';
import { switchedOff } from '../../../src/runtime/fault-switch.ts';
import { NAMESPACES } from '../key-space.ts';
import { optionsOf } from '../options.ts';
import type { WorkerSettings } from '../settings.ts';

/** The system under test, as the run wants it. */
export function startSystem(settings: WorkerSettings): Promise<Understudy> {
  const { namespace, port, without, kept } = settings;
  for (const name of without) if (name !== 'tombstones') switchedOff[name] = true;
  const forgetful = without.includes('tombstones') ? { tombstoneTtl: 1 } : {};
  return createUnderstudy({
    prefix: namespace,
    redis: { host: '127.0.0.1', port, ...forgetful },
    namespaces: NAMESPACES,
    ...optionsOf(settings, kept),
  });
}
