/** Picks keys as readers do: the n-th most popular one in proportion to `1 / n ** skew` (Zipf). */
export class Popularity {
  readonly #cumulated: Float64Array;

  constructor(keys: number, skew: number) {
    this.#cumulated = new Float64Array(keys);
    let sum = 0;
    for (let rank = 0; rank < keys; rank++) {
      sum += 1 / (rank + 1) ** skew;
      this.#cumulated[rank] = sum;
    }
  }

  /** @param random from 0 to 1 */
  pick(random: number): number {
    const cumulated = this.#cumulated;
    const wanted = random * (cumulated.at(-1) ?? 0);
    let low = 0;
    let high = cumulated.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulated[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
