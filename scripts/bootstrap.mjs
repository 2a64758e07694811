// Runs before the npm scripts, on whatever Node the host has (18 or newer): no dependencies, no TypeScript.
// It decides in a few milliseconds that nothing is to be done, which is the usual case.
import { buildIfStale } from './build.mjs';
import { installIfMissing } from './install-dependencies.mjs';

try {
  await installIfMissing();
  if (process.argv.includes('--build')) await buildIfStale();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
