import type { Understudy } from '../../system/understudy.ts';
import type { PrivateRedis } from '../private-redis.ts';
import { recovered } from '../replay/recovery.ts';
import { count, percent, plural } from '../terminal/numbers.ts';
import type { Scene } from './scene.ts';

/** Milliseconds for Redis to come back and be given what it missed. */
const PATIENCE = 10_000;

/** How long it took. Milliseconds. */
export interface Outage {
  /** From the kill until the breaker was open; undefined when it never was. */
  readonly noticedAfter: number | undefined;
  /** From the kill until the server was started again. */
  readonly duration: number;
  /** From the start of the server until Redis served again and had what it missed; undefined when it took too long. */
  readonly recoveredAfter: number | undefined;
}

/** Kills the server when the script says so, starts it again later, and waits until all is well. */
export async function killAndRestart(
  scene: Scene,
  redis: PrivateRedis,
  understudy: Understudy,
): Promise<Outage> {
  const { script, meter, chronicle } = scene;
  await scene.until(script.kill);
  chronicle.tell(callersView(scene));
  let opened: number | undefined;
  const unsubscribe = understudy.subscribe((event) => {
    if (event.type === 'breaker.changed' && event.state === 'open') opened ??= chronicle.now;
  });
  const killed = chronicle.now;
  chronicle.tell(`kill -9 ${redis.pid}: Redis is gone`, 'bad');
  meter.act = 'out';
  scene.redis = 'killed';
  await redis.kill();
  await scene.until((script.kill + script.back) / 2);
  chronicle.tell(`${callersView(scene)}, ${plural(scene.journal, 'change')} waiting`);
  await scene.until(script.back);
  unsubscribe();
  const restarted = chronicle.now;
  chronicle.tell('redis-server is started again');
  scene.redis = 'starting';
  await redis.restart();
  scene.redis = 'up';
  const isBack = await recovered(understudy, PATIENCE);
  meter.act = 'after';
  return {
    noticedAfter: opened === undefined ? undefined : opened - killed,
    duration: restarted - killed,
    recoveredAfter: isBack ? chronicle.now - restarted : undefined,
  };
}

function callersView({ meter }: Scene): string {
  const { calls, errors, act, hitRatios } = meter;
  return `${count(errors)} of ${count(calls)} calls failed, hit ratio ${percent(hitRatios[act].value)}`;
}
