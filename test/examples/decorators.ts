import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { compiled, hasDecorators } from './standard-decorators.ts';

const examples = new URL('../../docs/examples/', import.meta.url).href;

/** Loaded before an example (`node --import`), it has the decorators in it compiled. */
registerHooks({
  load: (url, context, next) =>
    url.startsWith(examples) && hasDecorators(readFileSync(new URL(url), 'utf8'))
      ? { format: 'module', source: compiled(fileURLToPath(url)), shortCircuit: true }
      : next(url, context),
});
