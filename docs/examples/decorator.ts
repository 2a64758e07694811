import { createUnderstudy } from 'understudy-cache';
import { Cached, resultsOf } from 'understudy-cache/decorator';

const understudy = await createUnderstudy({
  redis: { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' },
});

class Catalog {
  readonly tenant: string;

  constructor(tenant: string) {
    this.tenant = tenant;
  }

  // Catalogs of one tenant share what they load, in all processes.
  @Cached(understudy, { name: 'catalog.price', ttl: '5m', scope: (catalog: Catalog) => catalog.tenant })
  async price(article: string): Promise<number> {
    console.log(`${this.tenant} looks up the price of ${article}`);
    return article.length;
  }
}

const [acme, alsoAcme, globex] = [new Catalog('acme'), new Catalog('acme'), new Catalog('globex')];
// What an earlier run of this example has cached.
await Promise.all([acme, globex].map((catalog) => resultsOf(catalog, 'price').invalidate('tea')));

console.log(await acme.price('tea'), await alsoAcme.price('tea'), await globex.price('tea'));
console.log('forgotten:', await resultsOf(acme, 'price').invalidate('tea'));
console.log(await alsoAcme.price('tea'));

await understudy.stop();
