import { registerHooks } from 'node:module';
import manifest from '../../package.json' with { type: 'json' };

const root = new URL('../../', import.meta.url);
const entries: Readonly<Record<string, string | { readonly default: string }>> = manifest.exports;

/** Loaded before a program (`node --import`), it takes what the program imports of the package from its sources. */
registerHooks({
  resolve: (specifier, context, next) => {
    const [, name, path = ''] = /^(understudy-cache)(\/.*)?$/.exec(specifier) ?? [];
    const entry = name === undefined ? undefined : entries[`.${path}`];
    if (typeof entry !== 'object') return next(specifier, context);
    const source = entry.default.replace('/dist/', '/').replace(/\.js$/, '.ts');
    return { url: new URL(source, root).href, shortCircuit: true };
  },
});
