import { onTestFinished } from 'vitest';
import { resolveOptions } from '../../src/config/resolve.ts';
import type { OptionsInput } from '../../src/config/schema.ts';
import type { HttpLimits } from '../../src/http/limits.ts';
import { type HttpFace, serveHttp } from '../../src/http/serve-http.ts';
import type { Logger } from '../../src/runtime/logger.ts';
import type { ActorSpec } from '../../src/system/define-actor.ts';
import type { ProtocolsOf } from '../../src/system/protocols.ts';
import type { Understudy } from '../../src/system/understudy.ts';
import { createUnderstudy } from '../../src/system.ts';

interface ServedInput<A extends readonly ActorSpec[]> extends OptionsInput {
  readonly actors?: A;
  readonly limits?: Partial<HttpLimits>;
  readonly reached?: Promise<void>;
}

export interface Served<A extends readonly ActorSpec[] = readonly []> {
  readonly understudy: Understudy<ProtocolsOf<A>>;
  readonly face: HttpFace;
  readonly url: string;
  /** What was logged as an error. */
  readonly errors: object[];
  /** Posts a message, or any body, and returns what came back. */
  post(body: unknown, headers?: Record<string, string>): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly headers: Headers;
  readonly body: unknown;
}

/** A system behind a listening HTTP server on a free port, both gone with the test. */
export async function served<const A extends readonly ActorSpec[] = readonly []>(
  input: ServedInput<A> = {},
): Promise<Served<A>> {
  const { actors, limits, reached, ...config } = input;
  const errors: object[] = [];
  const ignore = (): void => {};
  const logger: Logger = {
    debug: ignore,
    info: ignore,
    warn: ignore,
    error: (fields) => errors.push(fields),
  };
  const understudy = await createUnderstudy<A>({
    ...config,
    ...(actors === undefined ? {} : { actors }),
    logger,
  });
  const { http } = resolveOptions({ ...config, http: { ...config.http, port: 0 } });
  const face = await serveHttp({
    understudy,
    http,
    logger,
    ...(limits === undefined ? {} : { limits }),
    ...(reached === undefined ? {} : { reached }),
  });
  onTestFinished(async () => {
    await understudy.stop();
    await face.close();
  });
  const { url } = face;
  return {
    ...{ understudy, face, url, errors },
    post: (body, headers = {}) =>
      answer(`${url}/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
      }),
    get: (path, headers = {}) => answer(url + path, { headers }),
  };
}

/** What a request was answered with; JSON as what it stands for. */
export async function answer(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
  const text = await response.text();
  const type = response.headers.get('content-type');
  const body: unknown = type?.includes('json') && text !== '' ? JSON.parse(text) : text;
  return { status: response.status, type, headers: response.headers, body };
}
