/** What the exit codes of `understudy` mean. After a second signal it is 128 and the number of the signal. */
export const EXIT = {
  ok: 0,
  /** It did not go well: a call failed, the service is unhealthy, a port is taken. */
  failure: 1,
  /** Bad usage or bad configuration: nothing was begun. */
  usage: 2,
  /** Something that must not happen: the supervisor gave up, or a defect. */
  internal: 70,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_HELP = `
Exit code: 0 all is well, 1 it did not go well, 2 bad usage or configuration, 70 an internal failure.`;
