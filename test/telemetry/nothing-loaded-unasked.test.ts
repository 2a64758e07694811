import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** Tells which packages of OpenTelemetry a process has loaded by the end of `script`. */
async function loadedBy(script: string, env: Record<string, string> = {}): Promise<string[]> {
  const source = `
    import { registerHooks } from 'node:module';
    const loaded = new Set();
    registerHooks({
      load(url, context, next) {
        const name = /node_modules\\/(@opentelemetry\\/[\\w-]+)\\/(?!.*node_modules)/.exec(url)?.[1];
        if (name) loaded.add(name);
        return next(url, context);
      },
    });
    const { createUnderstudy } = await import('./src/system.ts');
    const { startTelemetry } = await import('./src/telemetry/sdk.ts');
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    const understudy = await createUnderstudy({ logger });
    ${script}
    await understudy.stop();
    console.log(JSON.stringify([...loaded].sort()));
    process.exit();
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', source], {
    env: { PATH: process.env.PATH, ...env },
  });
  return JSON.parse(stdout);
}

it('a system that nobody asks to export loads the API of OpenTelemetry, and no SDK', async () => {
  const loaded = await loadedBy('await startTelemetry(process.env, understudy, logger);');
  expect(loaded).toEqual(['@opentelemetry/api']);
});

it('one that exports loads it', async () => {
  const loaded = await loadedBy(
    'await (await startTelemetry(process.env, understudy, logger)).shutdown(1);',
    {
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    },
  );
  expect(loaded).toContain('@opentelemetry/sdk-node');
});
