import { z } from 'zod';

/** What a schema cannot say of itself. */
export interface Annotation {
  /** What is expected, for messages and for the documentation, where the schema's own structure does not tell. */
  readonly expected?: string;
  /** Unit of a number, in the plural. */
  readonly unit?: string;
  /** Turns the text of an environment variable into what the schema takes; text that it cannot turn is left as it is. */
  readonly fromText?: (text: string) => unknown;
}

/** A registry of this project's own, so that nobody's global one is touched. */
export const annotations = z.registry<Annotation>();
