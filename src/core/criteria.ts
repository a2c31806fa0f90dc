/**
 * Something an answer can be rated on, 1 to 5. `low` and `high` say what a 1 and a 5 look like.
 * DRPO §3.3: the evaluator picks the criteria that matter for each query from a list, or proposes its own.
 */
export interface Criterion {
  readonly name: string;
  readonly definition: string;
  readonly low: string;
  readonly high: string;
  /** The definition said in other words, to see whether the judge agrees with itself; absent where there are none. */
  readonly reworded?: string;
}

/** The criteria of one query, chosen once and kept for the run. `fallback`: the reply could not be read, so these are the default ones. */
export interface ChosenCriteria {
  readonly names: readonly string[];
  /** One the evaluator made up for this query; its name is also among `names`. */
  readonly proposed: Criterion | null;
  readonly fallback: boolean;
}
