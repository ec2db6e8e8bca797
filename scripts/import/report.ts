// The reconciliation as people read it: the shop beside the file, month by month, and every difference.
import { grouped } from './progress.ts';
import { type Books, type Difference, FIGURES, type Figures } from './reconcile.ts';

const SHOWN = 50;

/** The table of months with totals, and the differences in all groups. */
export function reportLines(file: Books, shop: Books, differences: readonly Difference[]): string[] {
  const months = [...new Set([...file.month.keys(), ...shop.month.keys()])].sort();
  const rows = months.map((month) => [month, ...cells(file.month.get(month), shop.month.get(month))]);
  const total = ['total', ...cells(file.total.get(''), shop.total.get(''))];
  return [
    ...table([['month', ...FIGURES], ...rows, total]),
    '',
    `${grouped(file.product.size)} products, ${grouped(file.customer.size)} customers and ${grouped(file.invoice.size)} invoices compared one by one.`,
    ...differenceLines(differences),
  ];
}

function differenceLines(differences: readonly Difference[]): string[] {
  const lines = differences.slice(0, SHOWN).map(({ dimension, key, figure, file, shop }) => {
    return `  ${dimension} ${key || '(all)'}: ${figure} ${grouped(file)} in the file, ${grouped(shop)} in the shop (${signed(shop - file)})`;
  });
  const more = differences.length - lines.length;
  return [`Differences: ${grouped(differences.length)}`, ...lines, ...(more > 0 ? [`  … and ${grouped(more)} more`] : [])];
}

/** One figure when both sides agree, `file ≠ shop` otherwise. */
function cells(file: Figures | undefined, shop: Figures | undefined): string[] {
  return FIGURES.map((figure) => {
    const [expected, actual] = [file?.[figure] ?? 0, shop?.[figure] ?? 0];
    return expected === actual ? grouped(actual) : `${grouped(expected)} ≠ ${grouped(actual)}`;
  });
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
  );
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${grouped(value)}`;
}
