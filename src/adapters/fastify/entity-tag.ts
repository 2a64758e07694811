import { hash } from 'node:crypto';
import { type Headers, lineOf } from './headers.ts';

const TAG = /(?:W\/)?("[^"]*")/g;

/** A tag for the content. Weak, as hooks that run later may still encode it in another way. */
export function entityTag(body: string | Buffer): string {
  return `W/"${hash('sha256', body, 'base64url')}"`;
}

/** Whether a request says by If-None-Match that it has what is tagged so: by weak comparison (RFC 9110, 13.1.2). */
export function hasAlready(request: Headers, tag: string | undefined): boolean {
  const wanted = lineOf(request, 'if-none-match')?.trim();
  if (wanted === undefined || tag === undefined) return false;
  return wanted === '*' || opaqueTags(wanted).some((one) => opaqueTags(tag).includes(one));
}

/** What a reply without content leaves out: it describes content that is not there. */
export function describesContent(header: string): boolean {
  return header.startsWith('content-') && header !== 'content-location';
}

function opaqueTags(field: string): string[] {
  return Array.from(field.matchAll(TAG), ([, opaque = '']) => opaque);
}
