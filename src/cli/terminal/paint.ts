import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Gives a text colours and weight, where the stream shows them and NO_COLOR does not forbid it. */
export type Paint = (format: Format, text: string) => string;

/** Writes for one stream: plain text unless it is a terminal with colours. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (format, text) => styleText(format, text, { stream });
}
