// Reads over HTTP by autocannon: lists, products, searches. Addresses rotate, so that no single answer is measured.
import autocannon from 'autocannon';
import { times } from '../prove/scenario.ts';
import { PRODUCTS, searches, skuOf } from './catalogue.ts';
import type { Measurement } from './row.ts';

const CONNECTIONS = 32;
const WARM_UP_S = 2;
const SECONDS = 5;

/** Requests per second and p99 in milliseconds. @throws when an answer is not 200 */
async function load(url: string, paths: readonly string[]): Promise<readonly [perSecond: number, p99: number]> {
  const run = (duration: number) =>
    autocannon({ url, connections: CONNECTIONS, duration, requests: paths.map((path) => ({ method: 'GET' as const, path })) });
  await run(WARM_UP_S);
  const { requests, latency, non2xx, errors } = await run(SECONDS);
  if (non2xx + errors > 0) throw new Error(`${non2xx} answers of ${paths[0]} were refused, ${errors} failed`);
  return [requests.average, latency.p99];
}

export function readMeasurements(url: string, ids: readonly string[], runs: number): Measurement[] {
  const categories = ['', '&sort=price', '&sort=-price', '&sort=newest', '&sort=name', '&inStock=true'];
  const lists = times(60, (n) => `/api/products?limit=20${categories[n % categories.length]}&maxPrice=${500 + n * 25}`);
  // So many different ones that the index has to work for each.
  const found = searches(4_000).map(
    (words, n) => `/api/products?q=${encodeURIComponent(words)}&facets=true&maxPrice=${2_000 + n}`,
  );
  return [
    {
      what: `product list of 20 with prices and stock, ${CONNECTIONS} in flight`,
      bars: [
        { unit: 'requests/s', atLeast: 8_000 },
        { unit: 'ms p99', atMost: 15 },
      ],
      runs,
      measure: () => load(url, lists),
    },
    {
      what: 'product by id',
      bars: [{ unit: 'requests/s', atLeast: 12_000 }],
      runs,
      measure: () =>
        load(
          url,
          ids.map((id) => `/api/products/${id}`),
        ),
    },
    {
      what: `search with two terms and facets, ${PRODUCTS.toLocaleString('en')} products`,
      bars: [{ unit: 'requests/s', atLeast: 1_000 }],
      runs,
      measure: () => load(url, found),
    },
    {
      what: 'stock of one SKU',
      bars: [{ unit: 'requests/s' }],
      runs,
      measure: () =>
        load(
          url,
          times(200, (n) => `/api/inventory/${skuOf(n)}`),
        ),
    },
  ];
}
