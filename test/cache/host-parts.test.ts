import { expect, test } from 'vitest';
import { createUnderstudy } from '../../src/index.ts';

test.each([
  [{ logger: false }, 'logger: expected an object with debug, info, warn, error'],
  [{ logger: { info: () => {} } }, 'logger: expected an object with debug, warn, error'],
  [{ clock: null }, 'clock: expected an object with now, monotonic, setTimeout, clearTimeout'],
  [{ tracing: 'on' }, 'tracing: expected an object with capture, join, roundTrip, operation'],
])('what a host hands over is refused at the door when it cannot do its part: %o', async (host, message) => {
  const loose: object = host;
  await expect(createUnderstudy(loose)).rejects.toMatchObject({ code: 'INVALID_CONFIG', message });
});
