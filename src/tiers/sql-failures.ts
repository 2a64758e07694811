/** Of what Postgres says that is well: the value is not one that it can hold, or too large for it. */
const UNFIT = /^(?:22|54)[0-9A-Z]{3}$/;
/** The same, or that it is not allowed, or that a table is not what it should be. */
const UNWILLING = /^(?:22|23|42|54)[0-9A-Z]{3}$/;

/** Whether Postgres is well and does not do this; counting it as a failure would keep everybody from it. */
export function isUnwillingSql(error: unknown): boolean {
  return UNWILLING.test(codeOf(error));
}

/** Whether it is what was to be stored that it cannot hold, as the error or its cause says. */
export function isRefused(error: unknown): boolean {
  return UNFIT.test(codeOf(error)) || (error instanceof Error && UNFIT.test(codeOf(error.cause)));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
