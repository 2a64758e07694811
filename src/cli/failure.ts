import { isUnderstudyError } from '../runtime/errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** A failure that is told in one sentence and without a stack: it is nobody's defect. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** How a command that failed ends, and what is said about it. */
export function explain(error: unknown): { readonly code: ExitCode; readonly text: string } {
  if (isUnderstudyError(error)) {
    return { code: error.code === 'INVALID_CONFIG' ? EXIT.usage : EXIT.failure, text: error.message };
  }
  if (error instanceof Failure) return { code: EXIT.failure, text: error.message };
  if (error instanceof Error && 'syscall' in error) return { code: EXIT.failure, text: error.message };
  return {
    code: EXIT.internal,
    text: error instanceof Error ? (error.stack ?? error.message) : String(error),
  };
}
