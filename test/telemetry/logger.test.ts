import { describe, expect, it } from 'vitest';
import { LogLines } from './log-lines.ts';
import { SpanRecorder } from './span-recorder.ts';

const SECRET = 'canary-in-a-log';
const recorder = new SpanRecorder();

function logged(fields: object): Record<string, unknown> | undefined {
  const log = new LogLines();
  log.logger('info').info(fields, 'message');
  return log.entries[0];
}

describe('the log', () => {
  it('has what it is bound to and what it is told', () => {
    const log = new LogLines();
    log.logger('info', { instance: 'i1' }).warn({ actor: 'cache', count: 3 }, 'dead letter');
    expect(log.entries).toMatchObject([
      { level: 40, instance: 'i1', actor: 'cache', count: 3, msg: 'dead letter' },
    ]);
  });

  it('says nothing below its level', () => {
    const log = new LogLines();
    log.logger('warn').info({}, 'quiet');
    log.logger('silent').error({}, 'quiet');
    expect(log.lines).toEqual([]);
  });

  it('describes errors, under whatever name and however deep', () => {
    const error = Object.assign(new Error('refused'), { command: { args: [SECRET] } });
    const entry = logged({ err: error, reason: error, nested: { list: [error] } });
    expect(entry).toMatchObject({
      err: { name: 'Error', message: 'refused' },
      reason: { message: 'refused' },
      nested: { list: [{ message: 'refused' }] },
    });
    expect(JSON.stringify(entry)).not.toContain(SECRET);
  });

  it('describes an error that comes without a message', () => {
    const log = new LogLines();
    const logger = log.logger('info');
    const error = new Error(`quoting "${SECRET}"`);
    Reflect.apply(logger.error, logger, [error]);
    Reflect.apply(logger.error, logger, [error, 'failed']);
    expect(log.entries).toMatchObject([
      { err: { message: 'quoting …' }, msg: 'error' },
      { err: { message: 'quoting …' }, msg: 'failed' },
    ]);
  });

  it.each([
    { password: SECRET },
    { redis: { sentinelPassword: SECRET } },
    { headers: { authorization: `Bearer ${SECRET}`, cookie: SECRET } },
    { token: SECRET, apiKey: SECRET, clientSecret: SECRET },
    { url: `redis://:${SECRET}@localhost:6379/1` },
    { list: [{ url: `rediss://user:${SECRET}@host` }] },
    { bytes: Buffer.from(SECRET) },
    { a: { b: { c: { d: { e: { f: SECRET } } } } } },
  ])('leaves out the secrets of %j', (fields) => {
    const text = JSON.stringify(logged(fields));
    expect(text).toContain('"msg":"message"');
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(Buffer.from(SECRET).toJSON().data.slice(0, 5).join(','));
  });

  it('keeps what is no secret', () => {
    const fields = { host: 'redis://localhost:6379/1', maxTokens: 5, token: null, ok: true };
    expect(logged({ ...fields, when: new Date(0), big: 3n })).toMatchObject({
      ...fields,
      when: '1970-01-01T00:00:00.000Z',
      big: '3',
    });
  });

  it('names the span that is active and recording', async () => {
    const log = new LogLines();
    recorder.sampling = true;
    await recorder.under('request', () => log.logger('info').info({}, 'inside'));
    recorder.sampling = false;
    await recorder.under('unsampled', () => log.logger('info').info({}, 'unsampled'));
    log.logger('info').info({}, 'outside');
    const { traceId, spanId } = recorder.the('request');
    const [inside, ...others] = log.entries;
    expect(inside).toMatchObject({ trace_id: traceId, span_id: spanId, trace_flags: '01' });
    for (const entry of others) expect(entry).not.toHaveProperty('trace_id');
  });
});
