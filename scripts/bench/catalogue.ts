// 10,000 products for measurements: the same ones every time, with words, prices, brands and stock as a shop has them.
import type { NewProduct, Staff } from '../prove/drive/staff.ts';
import { inParallel, times } from '../prove/scenario.ts';

export const PRODUCTS = 10_000;
const UNITS = 1_000_000;

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
const THINGS = ['mug', 'lantern', 'holder', 'bag', 'plate', 'bowl', 'candle', 'clock', 'frame', 'cushion', 'box', 'sign'];

/** A small generator with a fixed seed: runs can be compared. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
}

const random = generator(42);
const pick = (list: readonly string[]): string => list[random(list.length)] ?? '';

export const skuOf = (n: number): string => `BENCH-${n}`;

function product(n: number, categories: readonly string[]): NewProduct {
  const title = `${pick(COLOURS)} ${pick(STYLES)} ${pick(STYLES)} ${pick(THINGS)} ${n}`;
  const more = {
    brand: `Brand ${random(60)}`,
    categories: [pick(categories)],
    description: times(20, () => pick(STYLES)).join(' '),
    attributes: [{ name: 'Colour', value: pick(COLOURS) }],
  };
  return { sku: skuOf(n), title, price: 100 + random(2_000), more };
}

/** Two-word searches that find something. */
export const searches = (count: number): string[] => times(count, () => `${pick(COLOURS)} ${pick(THINGS)}`);

/** Puts everything on sale with plenty of stock. */
export async function fillShop(staff: Staff): Promise<void> {
  const { body } = await staff.ask('GET', '/api/categories');
  const categories = (body as { categories: { slug: string }[] }).categories.map(({ slug }) => slug);
  await staff.offer(times(PRODUCTS, (n) => product(n, categories)));
  await inParallel(times(PRODUCTS, skuOf), 32, (sku) => staff.receive(sku, UNITS));
}

/** Ids of some products, for reading them one by one. */
export async function someIds(staff: Staff): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor = ''; ids.length < 1_000; ) {
    const { body } = await staff.ask('GET', `/api/products?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    const { items, next } = body as { items: { id: string }[]; next: string | null };
    ids.push(...items.map(({ id }) => id));
    if (next === null) break;
    cursor = next;
  }
  return ids;
}
