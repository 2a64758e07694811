import { clearLine, cursorTo } from 'node:readline';
import { bar } from './bars.ts';
import { paintFor } from './paint.ts';

const PERIOD = 100;
const WIDTH = 24;

/**
 * A line that is rewritten while something goes on. On anything but a terminal it writes nothing.
 *
 * @param read how much is done, 0 to 1, and what to say beside it
 * @returns the function that ends it and leaves an empty line
 */
export function progressBar(
  stream: NodeJS.WriteStream,
  read: () => { readonly progress: number; readonly note: string },
): () => void {
  if (!stream.isTTY) return () => {};
  const paint = paintFor(stream);
  const draw = (): void => {
    const { progress, note } = read();
    const { full, empty } = bar(progress, WIDTH);
    const share = `${Math.floor(progress * 100)} %`.padStart(5);
    // A line that wraps could not be rewritten.
    const room = Math.max(0, stream.columns - WIDTH - share.length - 4);
    cursorTo(stream, 0);
    stream.write(`${paint('cyan', full)}${paint('dim', empty)} ${share}  ${note.slice(0, room)}`);
    clearLine(stream, 1);
  };
  draw();
  const timer = setInterval(draw, PERIOD).unref();
  return () => {
    clearInterval(timer);
    cursorTo(stream, 0);
    clearLine(stream, 0);
  };
}
