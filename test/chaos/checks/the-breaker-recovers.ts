import type { Check } from './violation.ts';

/** Longest a trial may take: a connection, a command, and a machine that is busy with other things. Milliseconds. */
const TRIAL = 5_000;

/** The breaker always leaves open and half-open, and everything settles once the faults are over. */
export const theBreakerRecovers: Check = ({ history, final }) => {
  const stuck = final.unsettled.map((message) => ({
    check: 'the-breaker-recovers',
    message,
    operations: [],
  }));
  const trials = history.processes.flatMap(({ name, breaker }) =>
    breaker.flatMap(({ at, state }, index) => {
      const left = breaker[index + 1]?.at;
      if (state !== 'half-open' || left === undefined || left - at <= TRIAL) return [];
      const message = `the breaker was half-open for ${Math.round(left - at)} ms`;
      return [{ check: 'the-breaker-recovers', message, process: name, operations: [] }];
    }),
  );
  return [...stuck, ...trials];
};
