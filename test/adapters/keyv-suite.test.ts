import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite';
import { Keyv } from 'keyv';
import * as vitest from 'vitest';
import { createKeyvStore } from '../../src/adapters/keyv.ts';
import { createUnderstudy, type Understudy } from '../../src/index.ts';
import { SuiteRedis } from '../cache/systems.ts';

const { afterAll, beforeAll, describe } = vitest;

const redis = new SuiteRedis();

describe.each([
  { on: 'memory alone', options: () => ({}) },
  { on: 'Redis', options: () => redis.options },
])('the test suite of Keyv, on $on', ({ options }) => {
  let understudy: Understudy;
  beforeAll(async () => {
    understudy = await createUnderstudy(options());
  });
  afterAll(() => understudy?.stop());

  const store = () => createKeyvStore(understudy);
  describe('of every store', () => keyvTestSuite(vitest, Keyv, store));
  describe('of stores that can be iterated', () => keyvIteratorTests(vitest, Keyv, store));
});
