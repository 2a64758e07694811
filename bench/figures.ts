import type { Round } from './assignment.ts';
import type { Lap } from './race.ts';

/** What of a round is reported. */
export interface Figure {
  readonly unit: 'ops/s' | 'us' | 'us of CPU' | 'ns';
  of(round: Round): number;
  /** Own against peer, as the row's bar counts it. */
  ratio(own: Round, peer: Round): number;
}

const throughput = (round: Round): number => round.operations / round.seconds;
const cpu = (round: Round): number => round.cpuMicroseconds / round.operations;
const median = (round: Round): number => round.medianMicroseconds ?? Number.NaN;

const faster = (own: Round, peer: Round): number => throughput(own) / throughput(peer);

export const THROUGHPUT: Figure = { unit: 'ops/s', of: throughput, ratio: faster };
export const MEDIAN_LATENCY: Figure = {
  unit: 'us',
  of: median,
  ratio: (own, peer) => median(own) / median(peer),
};
export const CPU_PER_OPERATION: Figure = {
  unit: 'us of CPU',
  of: cpu,
  ratio: (own, peer) => cpu(own) / cpu(peer),
};
/** Shown as time, compared as throughput. */
export const TIME_PER_OPERATION: Figure = {
  unit: 'ns',
  of: (round) => 1e9 / throughput(round),
  ratio: faster,
};

export interface Measured {
  readonly ops: number;
  readonly peerOps: number | undefined;
  readonly value: number;
  readonly peerValue: number | undefined;
  /** Median of the ratios of each pair of rounds. */
  readonly ratio: number | undefined;
  /** The least and the greatest of them; of the values, where there is no peer. */
  readonly spread: readonly [number, number];
}

/** Medians over the rounds; ratios pair by pair, as the two rounds of a pair had the same machine. */
export function measure(figure: Figure, laps: readonly Lap[]): Measured {
  const own = laps.map((lap) => lap.own);
  const peer = laps.map((lap) => lap.peer).filter((round) => round !== undefined);
  const values = own.map(figure.of);
  const ratios = laps.flatMap((lap) => (lap.peer === undefined ? [] : [figure.ratio(lap.own, lap.peer)]));
  const raced = ratios.length > 0;
  return {
    ops: medianOf(own.map(throughput)),
    peerOps: raced ? medianOf(peer.map(throughput)) : undefined,
    value: medianOf(values),
    peerValue: raced ? medianOf(peer.map(figure.of)) : undefined,
    ratio: raced ? medianOf(ratios) : undefined,
    spread: rangeOf(raced ? ratios : values),
  };
}

export function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function rangeOf(numbers: readonly number[]): readonly [number, number] {
  return [Math.min(...numbers), Math.max(...numbers)];
}
