import { count, plural } from '../../../src/cli/terminal/numbers.ts';
import type { Paint } from '../../../src/cli/terminal/paint.ts';
import type { Proof } from '../prove.ts';
import type { ReportedViolation, Result } from './result.ts';

/** What a person is told of the runs. */
export function describeResults(results: readonly Result[], paint: Paint): string {
  const operations = results.reduce((sum, result) => sum + result.operations, 0);
  const faults = results.reduce((sum, result) => sum + result.faults, 0);
  const broken = results.filter(({ violations }) => violations.length > 0);
  const found = broken.flatMap((result) => describeViolations(result, paint));
  const verdict =
    broken.length === 0
      ? paint('green', 'no violation')
      : paint(
          'red',
          `violations in ${plural(broken.length, 'seed')}: ${broken.map(({ seed }) => seed).join(', ')}`,
        );
  const size = `${plural(results.length, 'seed')}, ${count(operations)} operations, ${count(faults)} faults`;
  return [...found, `${size}: ${verdict}`].join('\n');
}

function describeViolations({ seed, violations, alike }: Result, paint: Paint): string[] {
  const lines = violations.flatMap((violation) => [
    paint('red', `seed ${seed}: ${violation.check}: ${violation.message}`) + where(violation),
    ...violation.history.map((line) => `    ${line}`),
    ...violation.during.map((line) => paint('dim', `    meanwhile ${line}`)),
    '',
  ]);
  return alike === 0 ? lines : [...lines, `seed ${seed}: ${count(alike)} more of the same kinds`, ''];
}

function where({ process, key }: ReportedViolation): string {
  return [process, key]
    .filter((part) => part !== undefined)
    .map((part) => `  ${part}`)
    .join('');
}

export function describeProofs(proofs: readonly Proof[], paint: Paint): string {
  return proofs
    .map(({ guarantee, seed, runs }) =>
      seed === undefined
        ? paint('red', `without ${guarantee}: not noticed in ${plural(runs, 'run')}`)
        : paint('green', `without ${guarantee}: noticed by seed ${seed}`),
    )
    .join('\n');
}
