import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { Changes } from './changes.ts';
import type { Bench } from './conformance/bench.ts';
import { keepsForGrace } from './conformance/grace.ts';
import { countsWholeNumbers } from './conformance/increment.ts';
import { keepsMarkers } from './conformance/markers.ts';
import { convergesOnReplay, followsTheModel } from './conformance/random-changes.ts';
import { readsAndWrites } from './conformance/read-and-write.ts';
import { replaysWhatComesLate } from './conformance/replay.ts';
import { scansByPrefix } from './conformance/scan.ts';
import { keepsTimesToLive } from './conformance/time-to-live.ts';
import type { TierUnderTest } from './tier-under-test.ts';

/** What every implementation of the tier port does alike. */
export function conformsToTierPort(name: string, start: () => Promise<TierUnderTest>): void {
  describe(name, () => {
    let under: TierUnderTest;
    beforeAll(async () => {
      under = await start();
    });
    beforeEach(() => under.clear());
    afterAll(() => under.stop());
    const bench: Bench = () => ({ under, changes: new Changes(under.time) });

    readsAndWrites(bench);
    countsWholeNumbers(bench);
    keepsTimesToLive(bench);
    keepsForGrace(bench);
    keepsMarkers(bench);
    replaysWhatComesLate(bench);
    scansByPrefix(bench);
    followsTheModel(bench);
    convergesOnReplay(bench);
  });
}
