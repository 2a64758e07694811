const MAX_LENGTH = 200;

/**
 * Text from elsewhere, as far as it may be told: engines, servers and libraries quote what they were given, so it ends
 * where a quotation begins. An apostrophe within a word begins none. Credentials in addresses are left out.
 */
export function safeText(text: string): string {
  const quotation = text.search(/["`“«]|(?<![A-Za-z])'/);
  const unquoted = quotation < 0 ? text : `${text.slice(0, quotation)}…`;
  const bare = withoutCredentials(unquoted);
  return bare.length <= MAX_LENGTH ? bare : `${bare.slice(0, MAX_LENGTH)}…`;
}

/** `redis://:secret@host` without what stands before the host. */
export function withoutCredentials(text: string): string {
  return text.replaceAll(/(?<=:\/\/)[^\s/]*@/g, '…@');
}
