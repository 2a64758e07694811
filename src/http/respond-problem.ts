import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../runtime/logger.ts';
import { PROBLEM_TYPE, problemOf } from './problem.ts';
import { requestFailure } from './request-failure.ts';

/** Seconds after which a refused request may succeed. */
const RETRY_AFTER = 1;

/** Answers a request with the problem that an error is. */
export type RespondProblem = (error: unknown, request: FastifyRequest, response: FastifyReply) => void;

/** Every error leaves in one form. The log has what the response must not tell, under the id of the request. */
export function problemResponder(logger: Logger, bodyLimit: number): RespondProblem {
  return (error, request, response) => {
    const failure = requestFailure(error, bodyLimit);
    const { code, status } = failure;
    const problem = problemOf(failure, request.id);
    if (status === 500)
      logger.error({ requestId: request.id, code, err: failure.cause ?? failure }, 'request failed');
    if (status === 401) response.header('www-authenticate', 'Bearer realm="understudy"');
    if (status === 503) response.header('retry-after', RETRY_AFTER);
    void response.code(status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
  };
}
