import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { SpanKind } from '@opentelemetry/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configuredAddress } from '../../src/tiers/redis/configured-address.ts';
import type { Topology } from '../../src/tiers/redis/options.ts';
import { readDoc } from '../docs/markdown-table.ts';
import { served } from '../http/served.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { SpanRecorder } from './span-recorder.ts';

// The conventions as the installed SDK has them: they come with it, and are no dependency of ours.
const sdk = createRequire(createRequire(import.meta.url).resolve('@opentelemetry/sdk-node'));
const stable: Record<string, unknown> = sdk('@opentelemetry/semantic-conventions');
const manifest = new URL(
  '../package.json',
  pathToFileURL(sdk.resolve('@opentelemetry/semantic-conventions')),
);
const { version }: { version: string } = JSON.parse(readFileSync(manifest, 'utf8'));
const attributes = new Set(
  Object.entries(stable).flatMap(([name, value]) => (name.startsWith('ATTR_') ? [value] : [])),
);

const recorder = new SpanRecorder();
let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

test('every attribute of a span is a stable one of the conventions, or our own', async () => {
  const { post } = await served({ redis: { url: redis.url } });
  recorder.clear();
  await post({
    type: 'cache.setMany',
    entries: [
      { key: 'a', value: 'text' },
      { key: 'b', value: 1 },
    ],
  });
  await post({ type: 'cache.getMany', keys: ['a', 'b'] });
  await post({ type: 'cache.keys' });
  await post({ type: 'cache.acquire', key: 'c' });
  await post({ type: 'cache.increment', key: 'a' });
  await post({ type: 'cache.get', key: '' });
  await redis.call('CONFIG', 'SET', 'maxmemory', '1');
  await post({ type: 'cache.set', key: 'a', value: 1 });
  await redis.call('CONFIG', 'SET', 'maxmemory', '0');

  const emitted = new Set(recorder.spans.flatMap((span) => Object.keys(span.attributes)));
  expect([...emitted].filter((name) => !name.startsWith('understudy.') && !attributes.has(name))).toEqual([]);
  // None is gone that was there: a rename shows here.
  expect([...emitted].sort()).toEqual([
    'db.namespace',
    'db.operation.batch.size',
    'db.operation.name',
    'db.response.status_code',
    'db.stored_procedure.name',
    'db.system.name',
    'error.type',
    'http.request.method',
    'http.response.status_code',
    'http.route',
    'network.peer.address',
    'network.peer.port',
    'network.protocol.version',
    'server.address',
    'server.port',
    'understudy.batch.size',
    'url.path',
    'url.scheme',
  ]);
  for (const { kind, attributes: given } of recorder.spans) {
    if (kind === SpanKind.CLIENT)
      expect(given).toMatchObject({
        'db.system.name': 'redis',
        'db.namespace': '0',
        'db.operation.name': expect.stringMatching(/^[A-Z]+$/),
        'server.address': '127.0.0.1',
        'server.port': redis.port,
        'network.peer.address': '127.0.0.1',
        'network.peer.port': redis.port,
      });
    if (kind === SpanKind.SERVER)
      expect(given).toMatchObject({
        'http.request.method': 'POST',
        'http.route': '/v1/messages',
        'http.response.status_code': expect.any(Number),
        'url.path': '/v1/messages',
        'url.scheme': 'http',
      });
  }
});

const node = (host: string, port = 6379) => ({ host, port });
const cluster = (...nodes: ReturnType<typeof node>[]): Topology => ({ kind: 'cluster', nodes });

test.each<[string, Topology, string, number | undefined]>([
  ['a server', { kind: 'standalone', address: node('db.example.com', 16_379) }, 'db.example.com', 16_379],
  ['the usual port', { kind: 'standalone', address: node('db.example.com') }, 'db.example.com', undefined],
  ['a socket', { kind: 'standalone', address: { path: '/run/redis.sock' } }, '/run/redis.sock', undefined],
  ['nodes, usual ports', cluster(node('b'), node('a'), node('b')), 'a,b', undefined],
  ['nodes, one port', cluster(node('b', 7_000), node('a', 7_000)), 'a,b', 7_000],
  ['nodes, several ports', cluster(node('a', 7_001), node('::1', 7_000)), '[::1]:7000,a:7001', undefined],
  [
    'Sentinels',
    { kind: 'sentinel', name: 'mymaster', sentinels: [node('s2', 26_379), node('s1', 26_379)] },
    's2:26379,s1:26379/mymaster',
    undefined,
  ],
])('the address of %s is what is configured', (_what, topology, host, port) => {
  expect(configuredAddress(topology)).toEqual({ host, port });
});

test('the documentation says which version is followed, and it is the one that is installed', () => {
  expect(readDoc('tracing.md')).toContain(`version ${version.replace(/\.\d+$/, '')}`);
});
