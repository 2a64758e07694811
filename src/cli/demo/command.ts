import { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { RedisBinaryNotFoundError } from '../redis-binary.ts';
import { LiveFrame } from '../terminal/live-frame.ts';
import { paintFor } from '../terminal/paint.ts';
import { describeEntry } from './chronicle.ts';
import { type Audience, runDemo } from './demo.ts';
import { describeSummary } from './describe-summary.ts';
import { frame } from './frame.ts';
import { FAST, FULL } from './script.ts';
import { isGood } from './summary.ts';

/** Milliseconds between pictures. */
const PERIOD = 200;

const HELP = `
Examples:
  understudy demo
  understudy demo --fast
  understudy demo --json > demo.json

An application makes 2,000 calls a second. Its Redis, a redis-server of the demo's own, is killed and started again.
Nothing is staged: at the end Redis itself is asked for every change that was accepted while it was out.

Exit code: 0 no call failed and nothing was lost, 1 otherwise, 2 it could not be run.
`;

/** `understudy demo`: what callers notice when Redis is killed, in half a minute. */
export function demoCommand(): Command {
  return new Command('demo')
    .summary('see what callers notice when Redis is killed, in half a minute')
    .description(
      'Shows, live and in half a minute, what the callers of a cache notice when its Redis is killed.',
    )
    .option('--fast', 'in eight seconds')
    .option('--json', 'print a summary as one JSON object, and nothing else')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(flags: { fast?: true; json?: true }, command: Command): Promise<void> {
  const { stdout } = process;
  const show = flags.json ? unseen() : stdout.isTTY ? live(stdout) : told(stdout);
  try {
    const summary = await runDemo(flags.fast ? FAST : FULL, show.audience);
    show.end();
    stdout.write(flags.json ? `${JSON.stringify(summary)}\n` : describeSummary(summary, paintFor(stdout)));
    if (!isGood(summary)) process.exitCode = EXIT.failure;
  } catch (error) {
    show.end();
    if (error instanceof RedisBinaryNotFoundError)
      command.error(`error: ${error.message}`, { exitCode: EXIT.usage });
    throw error;
  }
}

interface Show {
  readonly audience: Audience;
  end(): void;
}

function unseen(): Show {
  return { audience: { begins: () => {}, happened: () => {} }, end: () => {} };
}

function told(stream: NodeJS.WriteStream): Show {
  const paint = paintFor(stream);
  const happened: Audience['happened'] = (entry) => stream.write(`${describeEntry(entry, paint)}\n`);
  return { audience: { begins: () => {}, happened }, end: () => {} };
}

function live(stream: NodeJS.WriteStream): Show {
  const paint = paintFor(stream);
  let end = (): void => {};
  const begins: Audience['begins'] = (scene) => {
    const picture = new LiveFrame(stream);
    const draw = (): void => picture.draw(frame(scene, paint, stream.rows));
    const timer = setInterval(draw, PERIOD);
    end = () => {
      clearInterval(timer);
      draw();
      picture.end();
    };
  };
  return { audience: { begins, happened: () => {} }, end: () => end() };
}
