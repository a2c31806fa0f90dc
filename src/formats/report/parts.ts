import { html, type Markup, type Piece } from './html.ts';

/** How many characters of a text are shown, by what it is, and how many rows of a list. */
export const most = {
  name: 120,
  query: 240,
  line: 1_200,
  answer: 900,
  definition: 240,
  rows: 60,
} as const;

/** A section of the report. `id` is a word of ours; `note` says what is seen, under the heading. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly note: Piece;
  readonly body: Piece;
}

/** A column of a table: numbers stand at the end of their cells. */
export interface Column {
  readonly head: string;
  readonly number?: true;
}

/** A table whose first column heads its rows. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly { readonly strong?: boolean; readonly cells: readonly Piece[] }[],
): Markup {
  const kind = (i: number) => (columns[i]?.number ? 'number' : 'text');
  const heads = columns.map(({ head }, i) => html`<th scope="col" class="${kind(i)}">${head}</th>`);
  const body = rows.map(({ strong, cells }) => {
    const [first = '', ...others] = cells;
    const rest = others.map((cell, i) => html`<td class="${kind(i + 1)}">${cell}</td>`);
    return html`<tr class="${strong ? 'strong' : ''}">
      <th scope="row" class="text">${first}</th>
      ${rest}
    </tr>`;
  });
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption class="hidden">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heads}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
}

/** Names with their values. */
export function facts(rows: readonly (readonly [name: Piece, value: Piece])[]): Markup {
  return html`<dl class="facts">
    ${rows.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** The first rows of a list that may have thousands, and what to say of those left out. */
export function bounded<T>(
  rows: readonly T[],
  what: string,
): { readonly rows: readonly T[]; readonly left: Markup | null } {
  const left = rows.length - most.rows;
  return {
    rows: rows.slice(0, most.rows),
    left:
      left > 0
        ? html`<p class="muted small">And ${left} more ${what}, which the run file has.</p>`
        : null,
  };
}
