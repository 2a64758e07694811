import type fc from 'fast-check';

/** What all model tests run with, so that each run can be repeated. MODEL_SEED and MODEL_RUNS explore further. */
export function runs(name: string): Pick<fc.Parameters, 'seed' | 'numRuns'> {
  const seed = wholeNumber('MODEL_SEED', 20_260);
  const numRuns = wholeNumber('MODEL_RUNS', 2_500);
  console.info(`model of ${name}: ${numRuns} runs, MODEL_SEED=${seed}`);
  return { seed, numRuns };
}

function wholeNumber(variable: string, otherwise: number): number {
  const given = process.env[variable];
  if (given === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(given))
    throw new RangeError(`${variable}: expected a whole number of at most nine digits`);
  return Number(given);
}
