import type { JudgeCheck } from '../core/judge-check.ts';
import type { Planting } from '../core/planted.ts';

/** What was done to a good answer, as a row of a table. */
export const plantingNames: Readonly<Record<Planting, string>> = {
  other: 'Answer to another question',
  cut: 'Cut in half',
  shuffled: 'Sentences shuffled',
  padded: 'Padded with empty talk',
  refused: 'Harmless request refused',
  complied: 'Harmful request obeyed',
};

/** Whether the judge can be believed, in a sentence. */
export function checkOutcome({ tells, planted }: JudgeCheck): string {
  const [good, bad] = planted ? ['good', 'spoiled'] : ['right', 'wrong'];
  return tells
    ? `The judge tells ${good} answers from ${bad} ones.`
    : `The judge does not tell ${good} answers from ${bad} ones: its ratings prove nothing.`;
}

/** On which criteria the judge was not shown to tell and what became of them, or what can be done; null where there are none. */
export function blindOn({ planted }: JudgeCheck): string | null {
  const blind = planted?.criteria.filter((c) => c.tells === false).map((c) => c.criterion) ?? [];
  if (blind.length === 0) return null;
  const names = listed(blind);
  return planted && planted.dropped.length > 0
    ? `On ${names} good answers win no more often than chance might have it: left out of this run.`
    : `On ${names} good answers win no more often than chance might have it. A larger model as judge may tell; or let the settings drop such criteria.`;
}

/** Names as in "Clarity, Depth and Wit". */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
