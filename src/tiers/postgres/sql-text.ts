/** Postgres keeps every text but one with a NUL, or with half of a surrogate pair, in it. */
export function storable(text: string): string {
  return text.replace(/[\0\\]|\p{Surrogate}/gu, (character) => {
    if (character === '\\') return '\\\\';
    return character === '\0' ? '\\0' : `\\u${character.charCodeAt(0).toString(16)}`;
  });
}

/** What {@link storable} was given. */
export function original(text: string): string {
  return text.replace(/\\(\\|0|u[0-9a-f]{4})/g, (_, escaped: string) => {
    if (escaped === '\\') return '\\';
    return escaped === '0' ? '\0' : String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
  });
}
