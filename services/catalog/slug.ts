// Makes the address of a product from its title.
import { RESERVED_SLUGS } from './product.contract.ts';

/** Lower-case ASCII words joined by hyphens, at most `max` characters; `product` when nothing is left of the title. */
export function slugify(title: string, max = 80): string {
  const slug = title
    .normalize('NFKD')
    .replace(/[\p{M}'’]/gu, '')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/æ/g, 'ae')
    .replace(/œ/g, 'oe')
    .replace(/ø/g, 'o')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, max)
    .replace(/^-+|-+$/g, '');
  if (slug === '') return 'product';
  return RESERVED_SLUGS.some((word) => word === slug) ? `${slug}-1` : slug;
}
