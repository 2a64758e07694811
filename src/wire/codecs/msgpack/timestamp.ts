/** The type of extension that the specification reserves for times. */
export const TIMESTAMP = -1;

export interface Time {
  readonly seconds: number;
  readonly nanoseconds: number;
}

export function splitTime(milliseconds: number): Time {
  const seconds = Math.floor(milliseconds / 1_000);
  return { seconds, nanoseconds: (milliseconds - seconds * 1_000) * 1e6 };
}

/** Throws for what is no time. */
export function joinTime({ seconds, nanoseconds }: Time): Date {
  const date = new Date(seconds * 1_000 + Math.floor(nanoseconds / 1e6));
  if (nanoseconds >= 1e9 || Number.isNaN(date.getTime())) throw new Error('no time');
  return date;
}
