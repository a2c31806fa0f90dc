/** HTML that is safe to put into a page. Only `html` and `css` make it, so that whatever else is put in stays text. */
export class Markup {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** The tagged template of `html`. */
  static of(strings: readonly string[], pieces: readonly Piece[]): Markup {
    const texts = pieces.map((piece, i) => textOf(piece) + (strings[i + 1] ?? ''));
    return new Markup((strings[0] ?? '') + texts.join(''));
  }

  toString(): string {
    return this.#text;
  }
}

/** What a template takes: text is escaped, markup is put in as it is, null leaves nothing. */
export type Piece = Markup | string | number | null | readonly Piece[];

/** A piece of HTML; every text put into it is escaped, for content as for quoted attributes. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return Markup.of(strings, pieces);
}

/** Our own style rules as they stand: nothing can be put in. They hold no end tag. */
export function css(rules: TemplateStringsArray): Markup {
  return Markup.of(rules, []);
}

function textOf(piece: Piece): string {
  if (piece === null) return '';
  if (piece instanceof Markup) return String(piece);
  if (typeof piece === 'object') return piece.map(textOf).join('');
  return escaped(String(piece));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters and halves of characters, which no HTML file may hold, become a replacement character. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (c) => entities[c] ?? '')
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\t\n]|\p{Cs}|\p{Noncharacter_Code_Point}/gu, '\uFFFD');
}

/** The text with at most so many characters, an ellipsis for what is cut. */
export function clip(text: string, most: number): string {
  // A character is at most two units, so that a text of megabytes is not taken apart.
  const chars = Array.from(text.slice(0, 2 * most + 2));
  return chars.length <= most ? text : `${chars.slice(0, most).join('').trimEnd()}…`;
}

/** What a person or a model wrote, cut to so many characters, and kept from turning round the text beside it. */
export function said(text: string, most: number): Markup {
  return html`<bdi class="said">${clip(text, most)}</bdi>`;
}
