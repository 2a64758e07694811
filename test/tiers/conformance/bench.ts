import type { Changes } from '../changes.ts';
import type { TierUnderTest } from '../tier-under-test.ts';

/** What a part of the conformance suite works with, asked for anew by each test. */
export type Bench = () => { readonly under: TierUnderTest; readonly changes: Changes };
