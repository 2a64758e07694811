import { BentoCache, bentostore } from 'bentocache';
import { Keyv, type KeyvStoreAdapter } from 'keyv';
import { createStorage, type Driver } from 'unstorage';
import { describe, expectTypeOf, test } from 'vitest';
import { understudyDriver as bentocacheDriver } from '../../src/adapters/bentocache.ts';
import { createKeyvStore } from '../../src/adapters/keyv.ts';
import { understudyDriver as unstorageDriver } from '../../src/adapters/unstorage.ts';
import type { ActorSpec, Protocol, ProtocolsOf, Understudy } from '../../src/index.ts';

type Clicks = Protocol<{ 'clicks.add': { request: { page: string }; reply: number } }>;
declare const plain: Understudy;
declare const extended: Understudy<ProtocolsOf<readonly ActorSpec<Clicks>[]>>;

describe('stores', () => {
  test('stand on an Understudy of any actors', () => {
    expectTypeOf(createKeyvStore(plain)).toEqualTypeOf<KeyvStoreAdapter>();
    expectTypeOf(createKeyvStore(extended, { ttl: '5m' })).toEqualTypeOf<KeyvStoreAdapter>();
    expectTypeOf(unstorageDriver({ understudy: extended, ttl: 60 })).toEqualTypeOf<Driver>();
    expectTypeOf(bentocacheDriver({ understudy: extended }).factory).returns.toHaveProperty('pull');
  });

  test('are what their libraries take, without a word', () => {
    const keyv = new Keyv<number>(createKeyvStore(plain));
    expectTypeOf(keyv.get('a')).resolves.toEqualTypeOf<number | undefined>();
    const storage = createStorage<number>({ driver: unstorageDriver({ understudy: plain }) });
    expectTypeOf(storage.getItem('a')).resolves.toEqualTypeOf<number | null>();
    const main = bentostore().useL2Layer(bentocacheDriver({ understudy: plain }));
    const bento = new BentoCache({ default: 'main', stores: { main } });
    expectTypeOf(bento.getOrSet({ key: 'a', factory: () => 1 })).resolves.toEqualTypeOf<number>();
  });

  test('know their options', () => {
    // @ts-expect-error A prefix is text.
    void createKeyvStore(plain, { prefix: 1 });
    // @ts-expect-error There is nothing to stand on.
    void bentocacheDriver({ prefix: 'a' });
    // @ts-expect-error unstorage calls it base.
    void unstorageDriver({ understudy: plain, prefix: 'a' });
  });
});
