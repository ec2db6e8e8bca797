// HTML from templates: what is put in is escaped unless it is HTML already.
import { hash } from 'node:crypto';

export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Piece = string | number | Html | readonly Piece[] | undefined | false;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function textOf(piece: Piece): string {
  if (piece === undefined || piece === false) return '';
  if (piece instanceof Html) return piece.text;
  if (typeof piece === 'object') return piece.map(textOf).join('');
  return String(piece).replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

/** A template tag: `` html`<p>${text}</p>` ``. */
export function html(strings: TemplateStringsArray, ...pieces: Piece[]): Html {
  return new Html(strings.reduce((text, part, i) => text + textOf(pieces[i - 1]) + part));
}

/** What a content security policy calls an inline style or script with exactly this text. */
export function sourceOf(text: string): string {
  return `sha256-${hash('sha256', text, 'base64')}`;
}
