// Compares what the shop has sold with what the file says, group by group. Pure; it does not know where either side
// comes from. Anything but zero differences means the import is wrong.

/** What is counted in every group. `pence` is revenue. */
export interface Figures {
  invoices: number;
  lines: number;
  units: number;
  pence: number;
}

/** Ways to group sales: the whole file, months as `2010-05`, stock codes, customers (empty for guests), invoices. */
export const DIMENSIONS = ['total', 'month', 'product', 'customer', 'invoice'] as const;
export type Dimension = (typeof DIMENSIONS)[number];
export type Books = Record<Dimension, Map<string, Figures>>;

export interface Difference {
  readonly dimension: Dimension;
  readonly key: string;
  readonly figure: keyof Figures;
  readonly file: number;
  readonly shop: number;
}

/** One sold invoice, from whichever side. */
export interface Sale {
  readonly invoice: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Empty for a guest. */
  readonly customer: string;
  readonly lines: readonly { readonly code: string; readonly quantity: number; readonly pence: number }[];
}

export const FIGURES = ['invoices', 'lines', 'units', 'pence'] as const satisfies readonly (keyof Figures)[];

export function emptyBooks(): Books {
  return { total: new Map(), month: new Map(), product: new Map(), customer: new Map(), invoice: new Map() };
}

/** Adds one sale to all groups it belongs to. */
export function enter(books: Books, sale: Sale): void {
  const month = new Date(sale.at).toISOString().slice(0, 7);
  const groups = [
    figuresOf(books.total, ''),
    figuresOf(books.month, month),
    figuresOf(books.customer, sale.customer),
    figuresOf(books.invoice, sale.invoice),
  ];
  for (const group of groups) group.invoices += 1;
  const codes = new Set<string>();
  for (const line of sale.lines) {
    const product = figuresOf(books.product, line.code);
    if (!codes.has(line.code)) product.invoices += 1;
    codes.add(line.code);
    for (const group of [...groups, product]) count(group, line);
  }
}

/** Every figure that is not the same on both sides, in the order of the dimensions. */
export function compareBooks(file: Books, shop: Books): Difference[] {
  return DIMENSIONS.flatMap((dimension) => compareGroups(dimension, file[dimension], shop[dimension]));
}

function compareGroups(dimension: Dimension, file: Map<string, Figures>, shop: Map<string, Figures>): Difference[] {
  const keys = [...new Set([...file.keys(), ...shop.keys()])].sort();
  return keys.flatMap((key) =>
    FIGURES.flatMap((figure) => {
      const expected = file.get(key)?.[figure] ?? 0;
      const actual = shop.get(key)?.[figure] ?? 0;
      return expected === actual ? [] : [{ dimension, key, figure, file: expected, shop: actual }];
    }),
  );
}

function figuresOf(groups: Map<string, Figures>, key: string): Figures {
  let figures = groups.get(key);
  if (figures === undefined) {
    figures = { invoices: 0, lines: 0, units: 0, pence: 0 };
    groups.set(key, figures);
  }
  return figures;
}

function count(figures: Figures, line: { quantity: number; pence: number }): void {
  figures.lines += 1;
  figures.units += line.quantity;
  figures.pence += line.quantity * line.pence;
}
