import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

const TSC = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc');

/** Neither Node nor what runs the tests can do it: the compiler turns decorators into what they stand for. */
export function hasDecorators(source: string): boolean {
  return /^\s*@\w/m.test(source);
}

/** The JavaScript of a TypeScript module; its imports are left as they are. */
export function compiled(file: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'understudy-decorators-'));
  try {
    execFileSync(process.execPath, [
      ...[TSC, '--ignoreConfig', '--noCheck', '--noResolve', '--isolatedModules', '--verbatimModuleSyntax'],
      ...[
        '--target',
        'es2024',
        '--module',
        'esnext',
        '--rootDir',
        dirname(file),
        '--outDir',
        directory,
        file,
      ],
    ]);
    return readFileSync(join(directory, basename(file).replace(/ts$/, 'js')), 'utf8');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
