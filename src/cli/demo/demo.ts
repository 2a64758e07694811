import { setTimeout as delay } from 'node:timers/promises';
import type { Understudy } from '../../system/understudy.ts';
import { createUnderstudy } from '../../system.ts';
import { PrivateRedis } from '../private-redis.ts';
import { withDirectRedis } from '../replay/direct-redis.ts';
import { DURABLE } from '../replay/faults.ts';
import { recovered } from '../replay/recovery.ts';
import { WriteLedger } from '../replay/write-ledger.ts';
import { plural } from '../terminal/numbers.ts';
import { Application, CALLS_PER_SECOND } from './application.ts';
import { standBy } from './bystander.ts';
import { Chronicle, type Entry } from './chronicle.ts';
import { Meter } from './meter.ts';
import { Scene } from './scene.ts';
import type { Script } from './script.ts';
import { type DemoSummary, summaryOf } from './summary.ts';

const PREFIX = 'understudy-demo:';
/** Milliseconds for Redis to come back and be given what it missed. */
const PATIENCE = 10_000;

/** Who watches. */
export interface Audience {
  /** The scene is set; it changes from now on. */
  begins(scene: Scene): void;
  happened(entry: Entry): void;
}

/**
 * An application uses the cache; its Redis is killed and comes back. Everything is real: the server, the kill, the
 * traffic, and what is asked of Redis at the end.
 *
 * @throws RedisBinaryNotFoundError when there is no server to run
 */
export async function runDemo(script: Script, audience: Audience): Promise<DemoSummary> {
  const redis = await PrivateRedis.start({ args: DURABLE });
  try {
    const understudy = await createUnderstudy({ redis: { url: redis.url }, prefix: PREFIX });
    try {
      return await play(script, audience, redis, understudy);
    } finally {
      await understudy.stop();
    }
  } finally {
    await redis.stop();
  }
}

async function play(
  script: Script,
  audience: Audience,
  redis: PrivateRedis,
  understudy: Understudy,
): Promise<DemoSummary> {
  const meter = new Meter();
  const ledger = new WriteLedger();
  const application = new Application(understudy, ledger, meter);
  await application.warmUp();
  const chronicle = new Chronicle((entry) => audience.happened(entry));
  const scene = new Scene(script, meter, chronicle);
  const curtain = new AbortController();
  const traffic = new AbortController();
  audience.begins(scene);
  chronicle.tell(
    `A redis-server runs (process ${redis.pid}); an application makes ${plural(CALLS_PER_SECOND, 'call')} a second`,
  );
  const others = [scene.follow(understudy, curtain.signal), standBy(redis.port, meter, traffic.signal)];
  const running = application.run(traffic.signal);
  try {
    const outage = await killAndRestart(scene, redis, understudy);
    await until(scene, script.end);
    traffic.abort();
    await running;
    const { journal } = await understudy.ask({ type: 'cache.stats' });
    const lost = await withDirectRedis(redis.url, PREFIX, (read) => ledger.audit(read));
    const keys = plural(ledger.size, 'key');
    if (lost === 0)
      chronicle.tell(
        `Redis itself was asked: it has the last state of all ${keys} changed meanwhile`,
        'good',
      );
    else chronicle.tell(`Redis itself was asked: ${lost} of ${keys} changed meanwhile are not there`, 'bad');
    const journalFound = { peak: scene.journalPeak, replayed: journal.replayed, lost };
    return summaryOf({ meter, chronicle, outage, journal: journalFound });
  } finally {
    traffic.abort();
    curtain.abort();
    await Promise.allSettled([running, ...others]);
  }
}

async function killAndRestart(scene: Scene, redis: PrivateRedis, understudy: Understudy) {
  const { script, meter, chronicle } = scene;
  await until(scene, script.kill);
  let opened = Number.NaN;
  const unsubscribe = understudy.subscribe((event) => {
    if (event.type === 'breaker.changed' && event.state === 'open' && Number.isNaN(opened))
      opened = chronicle.now;
  });
  const killed = chronicle.now;
  chronicle.tell(`kill -9 ${redis.pid}: Redis is gone`, 'bad');
  meter.act = 'out';
  scene.redis = 'killed';
  await redis.kill();
  await until(scene, script.back);
  unsubscribe();
  scene.redis = 'starting';
  const restarted = chronicle.now;
  chronicle.tell('The redis-server is started again');
  await redis.restart();
  scene.redis = 'up';
  await recovered(understudy, PATIENCE);
  meter.act = 'after';
  return {
    noticedAfter: opened - killed,
    duration: restarted - killed,
    recoveredAfter: chronicle.now - restarted,
  };
}

async function until(scene: Scene, time: number): Promise<void> {
  await delay(Math.max(0, time - scene.chronicle.now));
}
