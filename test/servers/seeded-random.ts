/** Numbers in [0, 1) that a seed repeats: Marsaglia's 32-bit xorshift, its state spread out first for small seeds. */
export function seededRandom(seed: number): () => number {
  let state = Math.imul((seed | 0) ^ 0x5bf03635, 0x9e3779b1) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
