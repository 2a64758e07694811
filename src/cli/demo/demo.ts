import type { Understudy } from '../../system/understudy.ts';
import { createUnderstudy } from '../../system.ts';
import { PrivateRedis } from '../private-redis.ts';
import { withDirectRedis } from '../replay/direct-redis.ts';
import { DURABLE } from '../replay/faults.ts';
import { WriteLedger } from '../replay/write-ledger.ts';
import { plural } from '../terminal/numbers.ts';
import { Application, CALLS_PER_SECOND } from './application.ts';
import { standBy } from './bystander.ts';
import { Chronicle, type Entry } from './chronicle.ts';
import { Meter } from './meter.ts';
import { killAndRestart } from './outage.ts';
import { Scene } from './scene.ts';
import type { Script } from './script.ts';
import { type DemoSummary, summaryOf } from './summary.ts';

const PREFIX = 'understudy-demo:';

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
    `redis-server runs (process ${redis.pid}), ${plural(CALLS_PER_SECOND, 'call')} a second go to it`,
  );
  const others = [scene.follow(understudy, curtain.signal), standBy(redis.port, meter, traffic.signal)];
  const running = application.run(traffic.signal);
  try {
    const outage = await killAndRestart(scene, redis, understudy);
    await scene.until(script.end);
    traffic.abort();
    await running;
    const { journal } = await understudy.ask({ type: 'cache.stats' });
    const lost = await withDirectRedis(redis.url, PREFIX, (read) => ledger.audit(read));
    const keys = `${plural(ledger.size, 'key')} changed meanwhile`;
    if (lost === 0) chronicle.tell(`Redis, asked directly, has the last state of ${keys}`, 'good');
    else chronicle.tell(`Redis, asked directly, lacks ${lost} of ${keys}`, 'bad');
    const { journalPeak: peak } = scene;
    return summaryOf({ meter, chronicle, outage, journal: { peak, replayed: journal.replayed, lost } });
  } finally {
    traffic.abort();
    curtain.abort();
    await Promise.allSettled([running, ...others]);
  }
}
