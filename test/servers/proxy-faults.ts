/** What a proxy does wrong at the moment; its connections look here for every chunk. */
export interface ProxyFaults {
  /** Forward nothing, either way, until this is over. */
  held: boolean;
  /** Milliseconds by which the next chunk of replies is late. */
  delay: (() => number) | undefined;
  /** Claimed by the first connection that has a reply to deliver. */
  cut: ReplyCut | undefined;
  corrupt: ((reply: Buffer) => Buffer) | undefined;
}

/** After so many bytes no more of the server's ever come: the connection closes, or stays open and silent. */
interface ReplyCut {
  afterBytes: number;
  close: boolean;
}

export const NO_FAULTS: Readonly<ProxyFaults> = {
  held: false,
  delay: undefined,
  cut: undefined,
  corrupt: undefined,
};

interface Treated {
  bytes: Buffer;
  /** Whether these are the last bytes that the connection is to see. */
  close: boolean;
}

/** What becomes of the bytes of one direction of one connection. */
export interface Treatment {
  delay(): number;
  deliver(bytes: Buffer): Treated;
}

export const UNTOUCHED: Treatment = {
  delay: () => 0,
  deliver: (bytes) => ({ bytes, close: false }),
};

/** Puts the faults that are on at the time to the replies of one connection. A cut, once claimed, survives a heal. */
export function faultyReplies(faults: ProxyFaults): Treatment {
  let cut: ReplyCut | undefined;
  return {
    delay: () => faults.delay?.() ?? 0,
    deliver(reply) {
      const bytes = faults.corrupt?.(reply) ?? reply;
      if (!cut && faults.cut) {
        cut = { ...faults.cut };
        faults.cut = undefined;
      }
      if (!cut) return { bytes, close: false };
      const forwarded = bytes.subarray(0, cut.afterBytes);
      cut.afterBytes -= forwarded.length;
      return { bytes: forwarded, close: cut.close && cut.afterBytes === 0 };
    },
  };
}

/** Flips one bit in a byte, with probability `rate` for each. */
export function bitFlipper(rate: number, random: () => number): (bytes: Buffer) => Buffer {
  return (bytes) =>
    Buffer.from(bytes.map((byte) => (random() < rate ? byte ^ (1 << Math.floor(random() * 8)) : byte)));
}
