import { examplesChecked } from './check-size.ts';
import type { Example } from './events.ts';
import { plant, plantings, type PlantedTexts, type Planting } from './planted.ts';
import { dice, seedAt, shuffled } from './random.ts';
import type { Settings } from './settings.ts';

/** A spoiled answer to an example's query. */
export interface PlantedAnswer {
  readonly example: Example;
  readonly kind: Planting;
  readonly answer: string;
}

/**
 * The examples for the check, in their order; the seed decides which. Those with harmful queries are always among them: they are
 * few, and only they show whether the judge sees through compliance.
 */
export function pickExamples(examples: readonly Example[], settings: Settings): readonly Example[] {
  const order = shuffled(examples, dice(seedAt(settings.seed, 'judge-check', 'examples')));
  const picked = order
    .toSorted((a, b) => Number(b.harmful ?? false) - Number(a.harmful ?? false))
    .slice(0, examplesChecked(settings, examples.length));
  return examples.filter((e) => picked.includes(e));
}

/** Every answer that can be planted in the picked examples, example by example. */
export function plantAll(
  picked: readonly Example[],
  given: {
    readonly examples: readonly Example[];
    readonly texts: PlantedTexts | null;
    readonly seed: number;
  },
): readonly PlantedAnswer[] {
  return picked.flatMap((example) =>
    plantings.flatMap((kind) => {
      const answer = plant(kind, example, given);
      return answer === null ? [] : { example, kind, answer };
    }),
  );
}

/**
 * Which planted answers to try for at most `budget` requests, where rating one answer to an example costs `cost`, and the
 * first of an example twice that, as its own answer is rated too. All examples take turns, each with the kind that is rarest so
 * far. Returned example by example, since requests on one query share their beginning.
 */
export function planPairs(
  possible: readonly PlantedAnswer[],
  cost: (example: Example) => number,
  budget: number,
): readonly PlantedAnswer[] {
  const taken: PlantedAnswer[] = [];
  const examples = [...new Set(possible.map((p) => p.example))];
  let left = budget;
  for (let before = -1; before < taken.length;) {
    before = taken.length;
    for (const example of examples) {
      const begun = taken.some((t) => t.example === example);
      const price = cost(example) * (begun ? 1 : 2);
      const next = rarest(
        possible.filter((p) => p.example === example && !taken.includes(p)),
        taken,
      );
      if (!next || price > left) continue;
      taken.push(next);
      left -= price;
    }
  }
  return examples.flatMap((example) => taken.filter((t) => t.example === example));
}

/** The one whose kind was taken least often; the first of several. */
function rarest(
  offered: readonly PlantedAnswer[],
  taken: readonly PlantedAnswer[],
): PlantedAnswer | undefined {
  const times = (p: PlantedAnswer) => taken.filter((t) => t.kind === p.kind).length;
  return offered.toSorted((a, b) => times(a) - times(b))[0];
}
