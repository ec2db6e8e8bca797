// Writes products: first the words that must be unique, then the product, then the words it no longer needs. Whatever breaks
// off in between leaves at most a claim without a product, which the next one that wants the word takes over.
import type { Actors, Outcome } from '../../mixins/actor/actors.ts';
import { codeOf, failure } from '../../mixins/errors.ts';
import type { Origin } from '../../mixins/meta.ts';
import { catalogErrors } from './catalog.contract.ts';
import { type Claim, type ClaimEvent, type claimActor, skuClaimId, slugClaimId } from './claim.ts';
import type { Product, ProductChanges, ProductInput } from './product.contract.ts';
import type { ProductEvent, productActor } from './product.ts';
import { slugify } from './slug.ts';

export type ProductActors = Pick<Actors<Product | null, ProductEvent, typeof productActor.decide>, 'read' | 'send'>;
export type ClaimActors = Pick<Actors<Claim, ClaimEvent, typeof claimActor.decide>, 'read' | 'send'>;

export interface Written {
  readonly product: Product;
  readonly version: number;
  readonly changed: boolean;
}

export interface ListingTools {
  readonly products: ProductActors;
  readonly claims: ClaimActors;
  newId(prefix: string): string;
  now(): number;
  hasCategory(slug: string): Promise<boolean>;
  /** A word could not be given back; the product is written nevertheless. */
  onLeftover(error: unknown): void;
}

/** A claim without a product is given up after this time: longer than any write between claim and product. */
const ABANDONED_MS = 60_000;

const uses = ({ slug, variants }: Product, { kind, word }: Claim): boolean =>
  kind === 'slug' ? slug === word : variants.some(({ sku }) => sku === word);

function written({ state, version, events }: Outcome<Product | null, ProductEvent>): Written {
  if (state === null) throw failure('NOT_FOUND', 'There is no such product.');
  return { product: state, version, changed: events.length > 0 };
}

export class Listing {
  readonly #tools: ListingTools;

  constructor(tools: ListingTools) {
    this.#tools = tools;
  }

  /** @throws SLUG_TAKEN, SKU_TAKEN, UNKNOWN_CATEGORY, INVALID_PRODUCT; without a given slug a free one is made from the title */
  async create(sellerId: string, input: ProductInput, origin: Origin): Promise<Written> {
    const { slug: given, ...content } = input;
    await this.#checkCategories(content.categories);
    const id = this.#tools.newId('prd');
    const words = content.variants.map(({ sku }) => skuClaimId(sku));
    if (given !== undefined) words.push(slugClaimId(given));
    const taken = await this.#takeAll(words, id, sellerId, origin);
    try {
      const slug = given ?? (await this.#takeSlug(id, sellerId, content.title, taken, origin));
      return written(await this.#tools.products.send(id, 'create', { id, sellerId, slug, content }, origin));
    } catch (error) {
      await this.#giveBack(taken, id, origin);
      throw error;
    }
  }

  /** Changes the given fields. A slug that is no longer used becomes free, a SKU stays with the seller: its stock does too. */
  async update(id: string, changes: ProductChanges, ifMatch: number | undefined, origin: Origin): Promise<Written> {
    const before = written(await this.#tools.products.read(id)).product;
    await this.#checkCategories(changes.categories ?? []);
    const slug = changes.slug === undefined || changes.slug === before.slug ? [] : [slugClaimId(changes.slug)];
    const skus = (changes.variants ?? []).filter(({ sku }) => !before.variants.some((variant) => variant.sku === sku));
    const words = [...slug, ...skus.map(({ sku }) => skuClaimId(sku))];
    const taken = await this.#takeAll(words, id, before.sellerId, origin);
    try {
      const after = written(await this.#tools.products.send(id, 'update', { changes, ifMatch }, origin));
      if (slug.length > 0) await this.#giveBack([slugClaimId(before.slug)], id, origin);
      return after;
    } catch (error) {
      await this.#giveBack(taken, id, origin);
      throw error;
    }
  }

  /** The product that has the slug, or the first that has one of the SKUs. */
  async find(slug: string | undefined, skus: readonly string[]): Promise<Written | undefined> {
    const ids = [...(slug === undefined ? [] : [slugClaimId(slug)]), ...skus.map(skuClaimId)];
    for (const id of ids) {
      const { state: claim } = await this.#tools.claims.read(id);
      if (claim.owner === null) continue;
      const { state, version } = await this.#tools.products.read(claim.owner);
      if (state && uses(state, claim)) return { product: state, version, changed: false };
    }
    return undefined;
  }

  async #checkCategories(slugs: readonly string[]): Promise<void> {
    for (const slug of slugs)
      if (!(await this.#tools.hasCategory(slug)))
        throw catalogErrors('UNKNOWN_CATEGORY', `There is no category ${slug}.`, { slug, field: 'categories' });
  }

  /** A slug made from the title that nobody has. */
  async #takeSlug(id: string, sellerId: string, title: string, taken: string[], origin: Origin): Promise<string> {
    const take = async (slug: string): Promise<string> => {
      taken.push(...(await this.#takeAll([slugClaimId(slug)], id, sellerId, origin)));
      return slug;
    };
    const wanted = slugify(title);
    return take(wanted).catch((error: unknown) => {
      if (codeOf(error) !== 'SLUG_TAKEN') throw error;
      return take(`${wanted}-${id.slice(-6)}`);
    });
  }

  /** Takes all words or none; returns those that were new to the product. */
  async #takeAll(claimIds: readonly string[], owner: string, sellerId: string, origin: Origin): Promise<string[]> {
    const outcomes = await Promise.allSettled(claimIds.map((claimId) => this.#take(claimId, owner, sellerId, origin)));
    const taken = claimIds.filter((_, i) => outcomes[i]?.status === 'fulfilled' && outcomes[i].value);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    if (!refused) return taken;
    await this.#giveBack(taken, owner, origin);
    throw refused.reason;
  }

  async #take(claimId: string, owner: string, sellerId: string, origin: Origin): Promise<boolean> {
    const { state: claim } = await this.#tools.claims.read(claimId);
    const from = claim.owner === null || claim.owner === owner ? undefined : await this.#leftBehind(claim, sellerId);
    const { events } = await this.#tools.claims.send(claimId, 'take', { owner, ...(from ? { from } : {}) }, origin);
    return events.length > 0;
  }

  /** The owner of a claim that it does not use: never finished, or a SKU that the same seller took off another product. */
  async #leftBehind(claim: Claim, sellerId: string): Promise<string | undefined> {
    if (claim.owner === null) return undefined;
    const { state } = await this.#tools.products.read(claim.owner);
    const old = this.#tools.now() - claim.since > ABANDONED_MS;
    if (state === null) return old ? claim.owner : undefined;
    const free = !uses(state, claim) && (claim.kind === 'slug' ? old : state.sellerId === sellerId);
    return free ? claim.owner : undefined;
  }

  async #giveBack(claimIds: readonly string[], owner: string, origin: Origin): Promise<void> {
    const outcomes = await Promise.allSettled(claimIds.map((id) => this.#tools.claims.send(id, 'release', { owner }, origin)));
    for (const outcome of outcomes) if (outcome.status === 'rejected') this.#tools.onLeftover(outcome.reason);
  }
}
