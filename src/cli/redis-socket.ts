import { connect } from 'node:net';

/** A RESP2 reply; a nil is `null`. Integers beyond 2^53 lose precision. */
export type RedisReply = string | number | null | RedisReply[];

export interface RedisCallOptions {
  /** Host of a port. Default `127.0.0.1`. */
  host?: string;
  /** Sends AUTH first. */
  password?: string;
  /** ACL user that `password` belongs to. Default: the default user. */
  username?: string;
  /** Milliseconds until the reply must be there. Default 5000. */
  timeoutMs?: number;
  /** How bulk strings become text; `latin1` or `base64` keep any bytes. Default `utf8`. */
  encoding?: BufferEncoding;
}

/** Redis answered with an error; the message is its text, such as `LOADING Redis is loading ...`. */
export class RedisReplyError extends Error {
  override readonly name = 'RedisReplyError';
}

/**
 * Sends one command over a connection of its own and returns its one reply: a look at Redis that shares nothing with
 * the client under test.
 *
 * @param endpoint TCP port, or the path of a Unix socket
 * @throws RedisReplyError when Redis answers with an error, also one inside an array
 * @throws Error when nobody listens, the connection ends early, or the reply is late
 */
export function redisCall(
  endpoint: number | string,
  command: readonly (string | number | Uint8Array)[],
  options: RedisCallOptions = {},
): Promise<RedisReply> {
  const { host = '127.0.0.1', password, username, timeoutMs = 5000, encoding = 'utf8' } = options;
  const auth = password === undefined ? undefined : ['AUTH', ...(username ? [username] : []), password];
  const commands = auth ? [auth, command] : [command];

  return new Promise((resolve, reject) => {
    const socket = connect(typeof endpoint === 'number' ? { host, port: endpoint } : { path: endpoint });
    const settle = (act: () => void) => {
      clearTimeout(timer);
      socket.destroy();
      act();
    };
    const fail = (error: unknown) => settle(() => reject(error));
    const timer = setTimeout(
      () => fail(new Error(`No reply from ${endpoint} within ${timeoutMs} ms`)),
      timeoutMs,
    );
    let received = Buffer.alloc(0);
    let awaited = commands.length;

    socket.on('error', fail);
    socket.on('close', () =>
      fail(new Error(`The connection to ${endpoint} closed before the reply was complete`)),
    );
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      try {
        for (let reply = parse(received, 0, encoding); reply; reply = parse(received, 0, encoding)) {
          received = received.subarray(reply.end);
          awaited -= 1;
          const { value } = reply;
          if (awaited === 0) return settle(() => resolve(value));
        }
      } catch (error) {
        fail(error);
      }
    });
    socket.write(Buffer.concat(commands.map(encode)));
  });
}

function encode(command: readonly (string | number | Uint8Array)[]): Buffer {
  const parts = command.flatMap((argument) => {
    const bytes = typeof argument === 'object' ? argument : Buffer.from(String(argument));
    return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')];
  });
  return Buffer.concat([Buffer.from(`*${command.length}\r\n`), ...parts]);
}

/** The reply that starts at `start`, or undefined while some of its bytes are missing. */
function parse(
  bytes: Buffer,
  start: number,
  encoding: BufferEncoding,
): { value: RedisReply; end: number } | undefined {
  const lineEnd = bytes.indexOf('\r\n', start);
  if (lineEnd < 0) return undefined;
  const line = bytes.toString('utf8', start + 1, lineEnd);
  const body = lineEnd + 2;
  switch (bytes.toString('latin1', start, start + 1)) {
    case '+':
      return { value: line, end: body };
    case '-':
      throw new RedisReplyError(line);
    case ':':
      return { value: Number(line), end: body };
    case '$': {
      if (line === '-1') return { value: null, end: body };
      const end = body + Number(line);
      return bytes.length < end + 2
        ? undefined
        : { value: bytes.toString(encoding, body, end), end: end + 2 };
    }
    case '*': {
      if (line === '-1') return { value: null, end: body };
      const items: RedisReply[] = [];
      let end = body;
      while (items.length < Number(line)) {
        const item = parse(bytes, end, encoding);
        if (!item) return undefined;
        items.push(item.value);
        end = item.end;
      }
      return { value: items, end };
    }
    default:
      throw new Error(
        `Expected a RESP2 reply, got a first byte of 0x${bytes.toString('hex', start, start + 1)}`,
      );
  }
}
