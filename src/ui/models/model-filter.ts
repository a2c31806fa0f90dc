import type { ModelRow } from '../../app/model-rows.ts';

/** Which models are shown: those this machine runs, all, or those whose files are here, whole or in part. */
export type Scope = 'fits' | 'all' | 'here';
export type Kind = 'any' | 'instruct' | 'base';

export interface ModelFilter {
  readonly text: string;
  readonly scope: Scope;
  readonly kind: Kind;
}

/** The rows that a filter lets through, in their order. The text is looked for in name, licence and note, word by word. */
export function filterRows(
  rows: readonly ModelRow[],
  { text, scope, kind }: ModelFilter,
): readonly ModelRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(
    (row) =>
      inScope(row, scope) &&
      (kind === 'any' || row.kind === kind) &&
      words.every((word) => textOf(row).includes(word)),
  );
}

export function inScope(row: ModelRow, scope: Scope): boolean {
  switch (scope) {
    case 'fits':
      return row.whyNot === null;
    case 'all':
      return true;
    case 'here':
      return row.here || row.partly !== null;
  }
}

function textOf({ name, licence, note }: ModelRow): string {
  return [name, licence, note].join(' ').toLowerCase();
}

export interface ModelGroup {
  readonly id: string;
  readonly title: string;
  readonly teaches: string;
  readonly rows: readonly ModelRow[];
}

/** The list in the order a person looks: what is here already, what follows instructions, what does not yet. What has come in part first, then what runs here. */
export function modelGroups(rows: readonly ModelRow[]): readonly ModelGroup[] {
  const sorted = [...rows].sort((a, b) => rank(a) - rank(b));
  const atHand = (row: ModelRow) => row.here || row.engine === 'endpoint';
  const elsewhere = sorted.filter((row) => !atHand(row));
  const groups: readonly ModelGroup[] = [
    {
      id: 'here',
      title: 'Ready to use',
      teaches: 'With the app, in this browser, or on a server you named: nothing to download.',
      rows: sorted.filter(atHand),
    },
    {
      id: 'instruct',
      title: 'Instruction-tuned',
      teaches: 'Trained to follow instructions. They judge best: start with one of these.',
      rows: elsewhere.filter((row) => row.kind === 'instruct'),
    },
    {
      id: 'base',
      title: 'Base models',
      teaches: 'Not trained to follow instructions. They have the most to gain, and judge worse.',
      rows: elsewhere.filter((row) => row.kind === 'base'),
    },
    {
      id: 'own',
      title: 'Added by you',
      teaches: 'What kind of model it is shows when it is loaded.',
      rows: elsewhere.filter((row) => row.kind === 'unknown'),
    },
  ];
  return groups.filter((group) => group.rows.length > 0);
}

function rank({ whyNot, partly }: ModelRow): number {
  if (whyNot !== null) return 2;
  return partly === null ? 1 : 0;
}
