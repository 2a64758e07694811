export const SECRET_1 = 'canary-one-canary-one-canary-one';
export const SECRET_2 = 'canary-two-canary-two-canary-two';

/** Large values are packed and opened aside; what is large is so from a kibibyte on, to make it quick. */
export const compression = { algorithm: 'zstd', threshold: 1_024, offload: 1_024 } as const;
export const seal = { mode: 'encrypt', keys: [{ id: 'k1', secret: SECRET_1 }] } as const;

/** Whatever can be done to a value. */
export const packed = { compression, seal } as const;

/** A value that is packed aside, and holds more than JSON can. */
export function large(mark: string): { mark: string; at: Date; text: string } {
  return { mark, at: new Date(0), text: mark.repeat(2_000) };
}
