import { DrpoError } from './errors.ts';
import type { Query } from './events.ts';
import { normalise } from './prompt.ts';
import { dice, seedAt, shuffled } from './random.ts';
import type { Settings } from './settings.ts';

/** Queries by what a run uses them for; no query is in two. */
export interface Splits {
  readonly train: readonly Query[];
  readonly select: readonly Query[];
  readonly test: readonly Query[];
}

/** With fewer own queries than this, training, selection and test would be too small to mean anything. */
export const fewestOwnQueries = 6;

/**
 * The app's queries for one run: as many as the settings want of each set, taken in a row from a place that the seed decides,
 * so that kinds stay balanced.
 */
export function planQueries(all: Splits, settings: Settings): Splits {
  const { evaluation, seed } = settings;
  const take = (queries: readonly Query[], count: number, name: string) => {
    const from = queries.length === 0 ? 0 : seedAt(seed, 'split', name) % queries.length;
    return [...queries.slice(from), ...queries.slice(0, from)].slice(0, count);
  };
  return {
    train: take(all.train, all.train.length, 'train'),
    select: take(all.select, evaluation.selection, 'select'),
    test: take(all.test, evaluation.test, 'test'),
  };
}

/**
 * A person's own queries, each once, shuffled by the seed and split: at most 40 % test and 20 % selection, the rest trains.
 * Throws `data-empty` where there are too few.
 */
export function splitOwn(
  texts: readonly { readonly text: string; readonly kind: string }[],
  settings: Settings,
): Splits {
  const digits = String(texts.length).length;
  const distinct = new Map<string, Query>();
  texts.forEach(({ text, kind }, i) => {
    const said = normalise(text);
    const id = `own-${String(i + 1).padStart(digits, '0')}`;
    if (!distinct.has(said)) distinct.set(said, { id, text, kind });
  });
  const queries = [...distinct.values()];
  if (queries.length < fewestOwnQueries) {
    throw new DrpoError(
      'data-empty',
      `${String(queries.length)} ${queries.length === 1 ? 'query is' : 'queries are'} too few to train, select and test on. Bring at least ${String(fewestOwnQueries)}.`,
    );
  }
  const order = shuffled(queries, dice(seedAt(settings.seed, 'split', 'own')));
  const test = Math.min(settings.evaluation.test, Math.floor(order.length * 0.4));
  const select = Math.min(settings.evaluation.selection, Math.floor(order.length * 0.2));
  return {
    test: order.slice(0, test),
    select: order.slice(test, test + select),
    train: order.slice(test + select),
  };
}
