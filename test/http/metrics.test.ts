import { expect, test } from 'vitest';
import { served } from './served.ts';

test('every family that is counted can be scraped', async () => {
  const { get, understudy } = await served();
  await understudy.cache.set('a', 1);
  await understudy.ask({ type: 'metrics.count', name: 'clicks', by: 3, labels: { page: 'the "home"' } });
  const scraped = await get('/metrics');
  expect(scraped).toMatchObject({ status: 200 });
  expect(scraped.type).toBe('text/plain; version=0.0.4; charset=utf-8');
  const families = await understudy.metrics();
  expect(families.length).toBeGreaterThan(5);
  for (const { name, kind } of families) expect(scraped.body).toContain(`# TYPE ${name} ${kind}\n`);
  expect(scraped.body).toContain('app_clicks_total{page="the \\"home\\""} 3\n');
});
