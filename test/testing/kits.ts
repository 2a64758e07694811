import { onTestFinished } from 'vitest';
import {
  createTestUnderstudy,
  type TestUnderstudy,
  type TestUnderstudyOptions,
} from '../../src/testing/index.ts';

/** A kit that is stopped after the test. */
export async function startKit(options: TestUnderstudyOptions<readonly []> = {}): Promise<TestUnderstudy> {
  const kit = await createTestUnderstudy(options);
  onTestFinished(() => kit.stop());
  return kit;
}
