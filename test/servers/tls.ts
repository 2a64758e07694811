import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PrivateRedis } from '../../src/cli/private-redis.ts';

const run = promisify(execFile);

const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

interface Certificates {
  /** PEM of the authority that signed the certificate; what a client has to trust. */
  ca: string;
  caFile: string;
  certFile: string;
  keyFile: string;
}

/** A throwaway authority, and a certificate by it for localhost and 127.0.0.1, in `directory`; good for a day. */
async function createCertificates(directory: string): Promise<Certificates> {
  const openssl = (...args: string[]) => run('openssl', args, { cwd: directory });
  await openssl(
    ...['req', '-x509', ...EC_KEY, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '1'],
    ...['-subj', '/CN=Understudy test authority'],
  );
  await openssl(
    'req',
    '-new',
    ...EC_KEY,
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
    '-subj',
    '/CN=localhost',
  );
  await writeFile(join(directory, 'names.ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  await openssl(
    ...['x509', '-req', '-in', 'server.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-out', 'server.crt', '-days', '1', '-extfile', 'names.ext'],
  );
  const caFile = join(directory, 'ca.crt');
  return {
    ca: await readFile(caFile, 'utf8'),
    caFile,
    certFile: join(directory, 'server.crt'),
    keyFile: join(directory, 'server.key'),
  };
}

export interface TlsRedis extends AsyncDisposable {
  readonly redis: PrivateRedis;
  /** Where the certificates are. */
  readonly directory: string;
  /** `rediss://127.0.0.1:<port>`; the server takes no plain TCP. */
  readonly url: string;
  /** PEM for the client's `tls.ca`. */
  readonly ca: string;
  stop(): Promise<void>;
}

/** A Redis that speaks TLS only. Clients need no certificate. */
export async function startTlsRedis(): Promise<TlsRedis> {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-tls-'));
  const removeDirectory = () => rm(directory, { recursive: true, force: true });
  try {
    const { ca, caFile, certFile, keyFile } = await createCertificates(directory);
    const redis = await PrivateRedis.start({
      args: (port) => [
        ...['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no'],
        ...['--tls-ca-cert-file', caFile, '--tls-cert-file', certFile, '--tls-key-file', keyFile],
      ],
    });
    const stop = async () => {
      await redis.stop();
      await removeDirectory();
    };
    return {
      redis,
      directory,
      url: `rediss://127.0.0.1:${redis.port}`,
      ca,
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await removeDirectory();
    throw error;
  }
}
