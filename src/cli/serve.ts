import { Command } from 'commander';
import { holdYoungGeneration } from './boot-heap.ts';
import { EXIT_HELP } from './exit-codes.ts';

const EXAMPLES = `
Examples:
  understudy serve                                                   with the Redis at redis://127.0.0.1:6379
  UNDERSTUDY_REDIS_URL=rediss://user:password@host:6380/0 understudy serve
  UNDERSTUDY_REDIS_URL=none understudy serve                         from memory alone
  UNDERSTUDY_HTTP_HOST=0.0.0.0 UNDERSTUDY_HTTP_TOKEN=... understudy serve
  UNDERSTUDY_MEMORY_MAX_ENTRIES=50000 understudy serve --print-config

Every option is a variable; docs/configuration.md lists them. Redis may be down: it is taken on when it appears.
SIGTERM and SIGINT drain and stop; a second one exits at once, with 128 and its number.
`;

interface Flags {
  readonly printConfig?: true;
}

/** `understudy serve`. */
export function serveCommand(): Command {
  return new Command('serve')
    .summary('serve the cache over HTTP')
    .description('Serves health, metrics and messages over HTTP, configured by UNDERSTUDY_* variables.')
    .option('--print-config', 'print the resolved configuration, secrets masked, and exit')
    .addHelpText('after', EXAMPLES + EXIT_HELP)
    .action(serve);
}

async function serve({ printConfig }: Flags): Promise<void> {
  const listening = holdYoungGeneration();
  // Loaded when they are needed, so that --help is not kept waiting.
  const [{ SERVICE_DEFAULTS }, { fromEnvironment }] = await Promise.all([
    import('../config/defaults.ts'),
    import('../config/environment.ts'),
  ]);
  const options = fromEnvironment(process.env, SERVICE_DEFAULTS);
  if (printConfig) {
    const { showOptions } = await import('../config/show.ts');
    process.stdout.write(`${showOptions(options)}\n`);
    return;
  }
  const { runService } = await import('./service.ts');
  // What is left open by then must not keep a stopped service alive.
  process.exit(await runService({ options, env: process.env, process, abandon: process.exit, listening }));
}
