import { Command } from 'commander';
import { EXIT, EXIT_HELP } from './exit-codes.ts';

const EXAMPLES = `
Examples:
  understudy health
  understudy health --json | jq .stats
  understudy health --url https://cache.internal --token-env CACHE_TOKEN

It asks where UNDERSTUDY_HTTP_HOST and UNDERSTUDY_HTTP_PORT say, unless told otherwise.
`;

/** Milliseconds a service may take to answer. */
const PATIENCE = 3_000;

interface Flags {
  readonly url?: string;
  readonly tokenEnv: string;
  readonly json?: true;
}

interface Answer {
  readonly ready: boolean;
  readonly text: string;
  readonly document: unknown;
}

/** `understudy health`. Exit code 0: ready, also where it is degraded; 1: not ready, or there is no answer. */
export function healthCommand(): Command {
  return new Command('health')
    .summary('ask a running service how it is')
    .description('Asks a running service how it is: 0 when it is ready, be it degraded, else 1.')
    .option(
      '--url <url>',
      'where the service listens (default: by the environment, else http://127.0.0.1:8377)',
    )
    .option('--token-env <name>', 'variable that holds the bearer token', 'UNDERSTUDY_HTTP_TOKEN')
    .option('--json', 'print the whole health document')
    .addHelpText('after', EXAMPLES + EXIT_HELP)
    .action(health);
}

async function health(flags: Flags, command: Command): Promise<void> {
  const url = URL.parse('/health', flags.url ?? addressIn(process.env));
  if (url === null || !/^https?:$/.test(url.protocol)) {
    command.error('error: --url: expected http://host:port or https://host:port', { exitCode: EXIT.usage });
  }
  const { ready, text, document } = await ask(url, process.env[flags.tokenEnv]);
  process.stdout.write(`${flags.json ? JSON.stringify(document) : text}\n`);
  process.exitCode = ready ? EXIT.ok : EXIT.failure;
}

function addressIn({ UNDERSTUDY_HTTP_HOST, UNDERSTUDY_HTTP_PORT }: NodeJS.ProcessEnv): string {
  const host = UNDERSTUDY_HTTP_HOST || '127.0.0.1';
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${UNDERSTUDY_HTTP_PORT || 8377}`;
}

async function ask(url: URL, token: string | undefined): Promise<Answer> {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  try {
    const response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(PATIENCE) });
    return judge(url, response.status, await response.json());
  } catch (error) {
    return unreachable(url, reasonOf(error));
  }
}

function judge(url: URL, status: number, document: unknown): Answer {
  if (typeof document !== 'object' || document === null)
    return unreachable(url, 'it is no Understudy service');
  if ('state' in document && 'ready' in document) {
    const ready = document.ready === true;
    return {
      ready,
      document,
      text: `${document.state}: ${ready ? 'ready' : 'not ready'}${detail(document)}`,
    };
  }
  const text = 'detail' in document ? String(document.detail) : 'it is no Understudy service';
  return { ...unreachable(url, `${status} ${text}`), document };
}

function detail(document: object): string {
  const stats = 'stats' in document ? document.stats : undefined;
  if (typeof stats !== 'object' || stats === null || !('hit_rate' in stats) || !('total_requests' in stats))
    return '';
  const redis = 'connected' in document && document.connected === true ? 'connected' : 'not connected';
  const rate = (Number(stats.hit_rate) * 100).toFixed(1);
  return `; Redis ${redis}; ${rate} % hits of ${String(stats.total_requests)} requests`;
}

function unreachable(url: URL, reason: string): Answer {
  const text = `unreachable: ${url.origin}: ${reason}`;
  return { ready: false, text, document: { state: 'unreachable', ready: false, url: url.origin, reason } };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  if (error.name === 'TimeoutError') return `no answer within ${PATIENCE} ms`;
  if (error instanceof SyntaxError) return 'it is no Understudy service';
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message;
}
