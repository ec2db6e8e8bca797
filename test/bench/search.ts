// How fast the search index answers in process: `node test/bench/search.ts [products]` prints queries per second.
// Every case runs with the answer cache in use and with an index that changes before each query, so both ends are seen.
import { type Product, ProductInput } from '../../services/catalog/product.contract.ts';
import { ProductIndex } from '../../services/search/product-index.ts';
import { Query } from '../../services/search/search.contract.ts';

const COLOURS = ['Red', 'Blue', 'White', 'Black', 'Green', 'Pink', 'Cream', 'Silver', 'Gold', 'Natural'];
const STYLES = [
  'vintage',
  'rustic',
  'retro',
  'hanging',
  'small',
  'large',
  'wooden',
  'ceramic',
  'glass',
  'enamel',
  'metal',
  'woven',
];
const THINGS = [
  'mug',
  'lantern',
  'holder',
  'bag',
  'plate',
  'bowl',
  'candle',
  'clock',
  'frame',
  'cushion',
  'box',
  'sign',
  'jar',
  'basket',
];
const WORDS = Array.from({ length: 2_000 }, (_, i) => `word${i.toString(36)}`);

let seed = 42;
function random(below: number): number {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
  return Math.floor((seed / 0x80000000) * below);
}
const pick = (list: readonly string[]): string => list[random(list.length)] ?? '';

function product(n: number): Product {
  const colour = pick(COLOURS);
  const thing = pick(THINGS);
  const { slug, ...input } = ProductInput.parse({
    title: `${colour} ${pick(STYLES)} ${pick(STYLES)} ${thing}`,
    description: Array.from({ length: 40 }, () => (random(4) === 0 ? pick(STYLES) : pick(WORDS))).join(' '),
    status: 'active',
    brand: `Brand ${random(60)}`,
    categories: [`${thing}s`],
    attributes: [
      { name: 'Colour', value: colour },
      { name: 'Material', value: pick(STYLES) },
    ],
    variants: [{ sku: `SKU-${n}`, price: { amount: 100 + random(20_000), currency: 'GBP' } }],
  });
  const times = { createdAt: n, updatedAt: n, publishedAt: n };
  return { ...input, id: `prd_${String(n).padStart(26, '0')}`, slug: slug ?? `p-${n}`, sellerId: 'acc_1', images: [], ...times };
}

function fill(size: number): ProductIndex {
  const index = new ProductIndex();
  for (const thing of THINGS) index.putCategory({ slug: `${thing}s`, name: `${thing}s`, parent: null, position: 0 }, 1);
  const started = performance.now();
  for (let n = 0; n < size; n++) {
    index.setStock(`SKU-${n}`, { available: random(50), sold: random(1_000) });
    index.put(product(n), 1);
  }
  index.flush();
  const seconds = (performance.now() - started) / 1_000;
  line('filling', `${Math.round(size / seconds)} products/s, ${Math.round(process.memoryUsage().rss / 1e6)} MB`);
  return index;
}

function line(what: string, figures: string): void {
  process.stdout.write(`${what.padEnd(34)} ${figures}\n`);
}

/** Calls per second of `work`, measured for about a second. */
function rate(work: (turn: number) => void): number {
  for (let turn = 0; turn < 20; turn++) work(turn);
  const started = performance.now();
  let turns = 0;
  while (performance.now() - started < 1_000) work(turns++);
  return (turns * 1_000) / (performance.now() - started);
}

const CASES: Record<string, () => object> = {
  'list of 20': () => ({}),
  'category by price': () => ({ category: `${pick(THINGS)}s`, sort: 'price' }),
  'two terms': () => ({ q: `${pick(STYLES)} ${pick(THINGS)}` }),
  'two terms and facets': () => ({ q: `${pick(STYLES)} ${pick(THINGS)}`, facets: 'true' }),
  'filters and facets': () => ({ filter: ['Colour:Red', 'Colour:Blue'], brand: `Brand ${random(60)}`, facets: 'true' }),
  'everything with facets': () => ({ facets: 'true' }),
};

const size = Number(process.argv[2] ?? 10_000);
const index = fill(size);
const scope = { status: 'active' } as const;
const perSecond = (value: number): string => `${Math.round(value).toLocaleString('en')}/s`.padStart(12);
line('case', 'unchanged index   stock changes   product changes   (each before every query)');
for (const [name, params] of Object.entries(CASES)) {
  const ask = () => index.query(Query.parse(params()), scope);
  const same = rate(ask);
  const stocked = rate((turn) => {
    index.setStock(`SKU-${random(size)}`, { available: (turn % 50) + 1, sold: turn });
    index.flush();
    ask();
  });
  const changed = rate((turn) => {
    index.put(product(random(size)), turn + Math.round(performance.now() * 1_000) + 2);
    index.flush();
    ask();
  });
  line(name, `${perSecond(same)}      ${perSecond(stocked)}      ${perSecond(changed)}`);
}
line('suggest', perSecond(rate(() => index.suggest(pick(STYLES).slice(0, 2 + random(3)), 6))));
line(
  'did you mean',
  perSecond(rate(() => index.query(Query.parse({ q: `${pick(STYLES).slice(1)}${random(1_000_000)}` }), scope))),
);
