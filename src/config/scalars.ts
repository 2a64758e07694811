import { z } from 'zod';
import { ttlMilliseconds } from '../wire/ttl.ts';
import { annotations } from './annotations.ts';

const NUMBER = /^-?\d+(\.\d+)?$/;

function numberOf(text: string): number | string {
  return NUMBER.test(text) ? Number(text) : text;
}

export function booleanOf(text: string): boolean | string {
  return text === 'true' || (text === 'false' ? false : text);
}

export const positive = z.int().positive().register(annotations, { fromText: numberOf });
export const count = z.int().min(0).register(annotations, { fromText: numberOf });
export const bytes = z.int().positive().register(annotations, { unit: 'bytes', fromText: numberOf });
/** As many as a timer takes. */
export const milliseconds = z
  .int()
  .min(1)
  .max(2_147_483_647)
  .register(annotations, { unit: 'milliseconds', fromText: numberOf });
export const share = z.number().gt(0).max(1).register(annotations, { fromText: numberOf });
export const port = z.int().min(1).max(65_535).register(annotations, { fromText: numberOf });

/** A whole number from `least` to `most`. */
export function within(least: number, most: number) {
  return z.int().min(least).max(most).register(annotations, { fromText: numberOf });
}

const TTL = "milliseconds, or a text like '5m', of at most 3650 days";

export const ttl = z
  .union([z.number(), z.string()], `expected ${TTL}`)
  .transform((value, context) => {
    try {
      return ttlMilliseconds(value);
    } catch {
      context.addIssue({ code: 'custom', message: `expected ${TTL}`, input: value });
      return z.NEVER;
    }
  })
  .register(annotations, { expected: TTL, fromText: numberOf });

const address = z.strictObject({ host: z.string().min(1), port });

/** Servers; as a variable `host:port,host:port`, an IPv6 address in brackets. */
export const addresses = z
  .array(address)
  .min(1)
  .register(annotations, {
    expected: 'a list of { host, port }; as a variable host:port,host:port',
    fromText: (text) => {
      const matches = text.split(',').map((item) => /^\s*(?:\[([^\]]+)\]|([^:]+)):(\d+)\s*$/.exec(item));
      if (matches.includes(null)) return text;
      return matches.map((match) => ({ host: match?.[1] ?? match?.[2], port: Number(match?.[3]) }));
    },
  });
