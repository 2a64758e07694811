import { bar } from './bars.ts';
import type { Paint } from './paint.ts';
import { CLEAR_TO_END_OF_LINE, type Screen } from './screen.ts';

const PERIOD = 100;
const WIDTH = 24;

/**
 * A line that is rewritten while something goes on. On anything but a terminal it writes nothing.
 *
 * @param read how much is done, 0 to 1, and what to say beside it
 * @returns the function that ends it and leaves an empty line
 */
export function progressBar(
  screen: Screen,
  paint: Paint,
  read: () => { readonly progress: number; readonly note: string },
): () => void {
  if (!screen.isTTY) return () => {};
  const draw = (): void => {
    const { progress, note } = read();
    const { full, empty } = bar(progress, WIDTH);
    const share = `${Math.floor(progress * 100)} %`.padStart(6);
    // A line that wraps could not be rewritten.
    const room = Math.max(0, screen.columns - WIDTH - share.length - 3);
    const text = `${paint('cyan', full)}${paint('dim', empty)}${share}  ${note.slice(0, room)}`;
    screen.write(`\r${text}${CLEAR_TO_END_OF_LINE}`);
  };
  draw();
  const timer = setInterval(draw, PERIOD).unref();
  return () => {
    clearInterval(timer);
    screen.write(`\r${CLEAR_TO_END_OF_LINE}`);
  };
}
