import { expect, test } from 'vitest';
import { BREAKER } from '../model/breaker-options.ts';
import { BreakerUnderTest } from '../model/breaker-under-test.ts';

test('what times out late leaves the connection alone that was made since the breaker opened', async () => {
  const breaker = new BreakerUnderTest(1);
  const { tier, tree } = breaker;
  await tree.start();
  tier.weather.read = 'hangs';
  breaker.send('read', 3);
  tier.weather.write = 'fails';
  breaker.send('write', BREAKER.failures);
  tier.weather.write = 'well';
  await tree.clock.advance(BREAKER.timeout - 1);
  expect(await tree.ask('circuit-breaker.status')).toMatchObject({ state: 'closed', trips: 1 });
  tier.calls.length = 0;
  await tree.clock.advance(1);
  expect(tier.calls).toEqual([]);
});
