import { Command, CommanderError } from 'commander';
import { SCOPE } from '../telemetry/version.ts';
import { EXIT, EXIT_HELP } from './exit-codes.ts';
import { explain } from './failure.ts';

/** In the order of the help. Each is loaded when it is run, or when all are listed. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve.ts')).serveCommand(),
  health: async () => (await import('./health.ts')).healthCommand(),
  replay: async () => (await import('./replay/command.ts')).replayCommand(),
  demo: async () => (await import('./demo/command.ts')).demoCommand(),
};

const VERSION_FLAGS: readonly string[] = ['-V', '--version'];

const EXAMPLES = `
Examples:
  understudy serve                        serve on http://127.0.0.1:8377, with the Redis on this machine
  understudy serve --print-config         show what would be served with
  understudy health                       ask a running service how it is
  understudy replay keys.txt --chaos kill break a redis-server midway and see what callers notice
  understudy demo                         half a minute of an outage, live
`;

/** Runs one command line, and sets the exit code of the process. */
export async function run(args: readonly string[]): Promise<void> {
  try {
    const program = await programFor(args);
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // It has said what is wrong already.
      process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
      return;
    }
    const { code, text } = explain(error);
    process.stderr.write(`understudy: ${text}\n`);
    process.exitCode = code;
  }
}

async function programFor(args: readonly string[]): Promise<Command> {
  const program = new Command('understudy')
    .description(
      'Supervised actors around Redis, with a warm in-memory understudy that goes on when Redis cannot.',
    )
    .version(SCOPE.version, VERSION_FLAGS.join(', '), 'print the version')
    .addHelpText('after', EXAMPLES + EXIT_HELP)
    .showHelpAfterError('(understudy --help lists commands and examples)')
    .exitOverride();
  const [first = ''] = args;
  if (VERSION_FLAGS.includes(first)) return program;
  const wanted = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  const loaders = wanted === undefined ? Object.values(COMMANDS) : [wanted];
  for (const command of await Promise.all(loaders.map((load) => load()))) {
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program;
}
