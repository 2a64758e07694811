import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { describeSchema } from '../../src/config/describe-schema.ts';
import { resolveOptions } from '../../src/config/resolve.ts';
import { type HttpFace, serveHttp } from '../../src/http/serve-http.ts';
import { CORE_SCHEMAS } from '../../src/system/core-schemas.ts';
import type { Understudy } from '../../src/system/understudy.ts';
import { createUnderstudy } from '../../src/system.ts';
import { answer } from '../http/served.ts';
import { type PostgresServer, startPostgres } from '../servers/postgres-server.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { readDoc, tableIn } from './markdown-table.ts';

const document = readDoc('messages.md');
const sections = new Map(
  document
    .split(/^### /m)
    .slice(1)
    .map((section) => [/^`([^`]+)`/.exec(section)?.[1] ?? section, section] as const),
);
const schemas: Record<string, z.ZodObject> = Object.assign({}, ...Object.values(CORE_SCHEMAS));
const types = Object.keys(schemas);

/** The JSON blocks of a section: an example, and the response to it. */
function examplesIn(section: string): unknown[] {
  return [...section.matchAll(/```json\n(.*?)\n```/gs)].map((match) => JSON.parse(match[1] ?? ''));
}

let redis: RedisServer;
let postgres: PostgresServer;
let understudy: Understudy;
let face: HttpFace;

beforeAll(async () => {
  redis = await startRedis();
  postgres = await startPostgres();
  understudy = await createUnderstudy({
    redis: { url: redis.url },
    near: true,
    durable: { url: postgres.url, values: true },
    hotKeys: { size: 100 },
    warmup: true,
  });
  const { http } = resolveOptions({ http: { port: 0 } });
  const ignore = (): void => {};
  face = await serveHttp({
    understudy,
    http,
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  });
  await understudy.cache.set('user:1', { name: 'Ada' });
});
afterAll(async () => {
  await understudy?.stop();
  await face?.close();
  await redis?.stop();
  await postgres?.stop();
});

test('every message has a section, and every section a message, in one order', () => {
  expect([...sections.keys()]).toEqual(types);
});

test.each(types)('%s: the fields are those of its schema', (type) => {
  const section = sections.get(type) ?? '';
  const { type: _, ...fields } = schemas[type]?.shape ?? {};
  const expected = Object.entries(fields).map(([name, field]) => ({
    Field: name,
    Expected: describeSchema(field),
    Required: field instanceof z.ZodOptional ? 'no' : 'yes',
    Meaning: expect.stringMatching(/.{5,}\.$/),
  }));
  expect(section.includes('\n|') ? tableIn(section) : []).toEqual(expected);
});

test.each(types)('%s: the example is answered in the documented form', async (type) => {
  const [message, documented] = examplesIn(sections.get(type) ?? '');
  expect(message).toHaveProperty('type', type);
  const answered = await answer(`${face.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(message),
  });
  expect(answered.status).toBe(200);
  expect(formOf(answered.body)).toEqual(formOf(documented));
});

/** Names and kinds, without values. */
function formOf(value: unknown, depth = 3): unknown {
  if (value === null || typeof value !== 'object') return typeof value;
  if (Array.isArray(value)) return 'list';
  if (depth === 0) return 'object';
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, child]) => [name, formOf(child, depth - 1)]),
  );
}
