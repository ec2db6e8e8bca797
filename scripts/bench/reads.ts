// Reads over HTTP by autocannon: lists, products, searches. Addresses rotate, so that no single answer is measured.
import autocannon from 'autocannon';
import { times } from '../prove/scenario.ts';
import { PRODUCTS, searches, skuOf } from './catalogue.ts';
import type { Measurement } from './row.ts';

const CONNECTIONS = 32;
const WARM_UP_S = 2;
const SECONDS = 5;

type Requests = autocannon.Request[];

/** Requests per second and p99 in milliseconds. @throws when an answer is not 200 */
async function load(url: string, requests: Requests): Promise<readonly [perSecond: number, p99: number]> {
  const run = (duration: number) => autocannon({ url, connections: CONNECTIONS, duration, requests });
  await run(WARM_UP_S);
  const { requests: done, latency, non2xx, errors } = await run(SECONDS);
  if (non2xx + errors > 0) throw new Error(`${non2xx} answers were refused, ${errors} requests failed`);
  return [done.average, latency.p99];
}

const inTurn = (paths: readonly string[]): Requests => paths.map((path) => ({ method: 'GET', path }));

/** Each request another address, so that no answer is ready and the index has to work for every one. */
function neverTheSame(pathOf: (n: number) => string): Requests {
  let n = 0;
  return [{ method: 'GET', setupRequest: (request) => ({ ...request, path: pathOf(n++) }) }];
}

export function readMeasurements(url: string, ids: readonly string[], runs: number): Measurement[] {
  const orders = ['', '&sort=price', '&sort=-price', '&sort=newest', '&sort=name', '&inStock=true'];
  const lists = inTurn(times(60, (n) => `/api/products?limit=20${orders[n % orders.length]}&maxPrice=${500 + n * 25}`));
  const products = inTurn(ids.map((id) => `/api/products/${id}`));
  const words = searches(500).map(encodeURIComponent);
  const found = neverTheSame((n) => `/api/products?q=${words[n % words.length]}&facets=true&maxPrice=${2_000 + n}`);
  const stock = inTurn(times(200, (n) => `/api/inventory/${skuOf(n)}`));
  const perSecond = (atLeast: number) => ({ unit: 'requests/s', atLeast });
  return [
    {
      what: `product list of 20 with prices and stock, ${CONNECTIONS} in flight`,
      bars: [perSecond(8_000), { unit: 'ms p99', atMost: 15 }],
      runs,
      measure: () => load(url, lists),
    },
    { what: 'product by id', bars: [perSecond(12_000)], runs, measure: () => load(url, products) },
    {
      what: `search with two terms and facets, ${PRODUCTS.toLocaleString('en')} products, no query twice`,
      bars: [perSecond(1_000)],
      runs,
      measure: () => load(url, found),
    },
    { what: 'stock of one SKU', bars: [{ unit: 'requests/s' }], runs, measure: () => load(url, stock) },
  ];
}
