// Says on one line how vitest's JSON report (the argument) counts; says nothing when no test was run.
import { readFileSync } from 'node:fs';

const written = readFileSync(process.argv[2] ?? '', 'utf8');
if (written !== '') {
  const report = JSON.parse(written);
  // A file that cannot be loaded has no tests to fail, and an unhandled error belongs to none.
  const unloaded = report.testResults.filter(
    (/** @type {{ status: string, assertionResults: unknown[] }} */ file) =>
      file.status === 'failed' && file.assertionResults.length === 0,
  );
  const failed = Math.max(report.numFailedTests + unloaded.length, report.success ? 0 : 1);
  console.log(`${report.numPassedTests} passed, ${failed} failed`);
}
