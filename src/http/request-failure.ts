import { isUnderstudyError, UnderstudyError } from '../runtime/errors.ts';

const BODY = /^FST_ERR_CTP_/;

/** What the HTTP framework or an actor threw, as a row of the error table; INTERNAL for what nobody expected. */
export function requestFailure(error: unknown, bodyLimit: number): UnderstudyError {
  if (isUnderstudyError(error)) return error;
  const { code, statusCode } = codesOf(error);
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new UnderstudyError('PAYLOAD_TOO_LARGE', `body: expected at most ${bodyLimit} bytes`);
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new UnderstudyError('UNSUPPORTED_MEDIA_TYPE', 'content-type: expected application/json');
  }
  if (BODY.test(code)) {
    return new UnderstudyError(
      'INVALID_MESSAGE',
      'body: expected JSON in UTF-8, as long as content-length says, without __proto__ or constructor.prototype',
    );
  }
  if (statusCode >= 400 && statusCode < 500) {
    return new UnderstudyError('INVALID_REQUEST', 'The request could not be read', { cause: error });
  }
  return new UnderstudyError('INTERNAL', 'The request failed', { cause: error });
}

function codesOf(error: unknown): { code: string; statusCode: number } {
  if (typeof error !== 'object' || error === null) return { code: '', statusCode: 0 };
  const code: unknown = Reflect.get(error, 'code');
  const statusCode: unknown = Reflect.get(error, 'statusCode');
  return {
    code: typeof code === 'string' ? code : '',
    statusCode: typeof statusCode === 'number' ? statusCode : 0,
  };
}
