import { parsePrompt } from '../../../src/core/prompt.ts';
import { read } from '../answers.ts';
import type { Dice } from '../dice.ts';
import { drawAnswer, drawInstructions, promptOf } from '../documents.ts';
import { liftsAWeakest, readEdit, reasonFor, scored, usefulEdits } from '../edits.ts';
import { partNames, partsFor } from '../policy.ts';
import { rate, reward } from '../rule.ts';
import {
  behaviours,
  criteriaOf,
  criterionOf,
  drawInside,
  drawOutside,
  kinds,
  noEdit,
  openings,
  outsideAnswer,
  wordingsOf,
  type Behaviour,
  type Draw,
  type Inside,
} from '../world.ts';
import type { Speaker } from './ask.ts';

/** Something counted: how often of how many times. */
export interface Share {
  readonly hits: number;
  readonly of: number;
}

const share = (outcomes: readonly boolean[]): Share => ({
  hits: outcomes.filter((x) => x).length,
  of: outcomes.length,
});

async function times<T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  for (let i = 0; i < count; i++) all.push(await work(i));
  return all;
}

/** How the judge rates the model's own answers under instructions of all sorts, against the rule. */
export async function judging(
  speaker: Speaker,
  dice: Dice,
  draw: Draw,
  count: number,
): Promise<{ readonly exact: Share; readonly near: Share }> {
  const errors = await times(count, async (i) => {
    const query = drawInside(dice, draw, kinds[i % kinds.length]);
    const answer = await speaker.answer(drawInstructions(dice).text, query);
    const truth = rate(query, answer);
    const ratings = await speaker.rate(query, answer);
    return ratings.map(({ score }, at) => score - (truth[at] ?? 0));
  });
  const all = errors.flat();
  return {
    exact: share(all.map((e) => Math.abs(e) < 0.5)),
    near: share(all.map((e) => Math.abs(e) <= 1)),
  };
}

/** How the judge rates answers of every sort that others wrote: on another matter, cut, shuffled. */
export async function reading(speaker: Speaker, dice: Dice, count: number): Promise<Share> {
  const hits = await times(count, async (i) => {
    const query = drawInside(dice, { phrasings: 'held-out', pairs: 'seen' }, kinds[i % 6]);
    const answer = drawAnswer(dice, query);
    const truth = rate(query, answer);
    const ratings = await speaker.rate(query, answer);
    return ratings.map(({ score }, at) => Math.abs(score - (truth[at] ?? 0)) < 0.5);
  });
  return share(hits.flat());
}

/** Bullets that only show where they take another back. */
const companions: Partial<Record<Behaviour, readonly Behaviour[]>> = {
  bold: ['honest', 'limits'],
  chatty: ['direct'],
  obey: ['refuse'],
  cool: ['empathy'],
  flow: ['steps'],
  brief: ['depth', 'question'],
};

/**
 * How often an answer does what one bullet in a wording that training never saw asks for, beside other bullets, on the kinds of query
 * where it makes a difference.
 */
export async function following(
  speaker: Speaker,
  dice: Dice,
  behaviour: Behaviour,
  count: number,
): Promise<Share> {
  const outcomes = await times(count, async () => {
    const { query, others, changed, wanted } = drawCase(dice, behaviour);
    const prompt = promptOf(openings[0] ?? '', [
      ...dice.some(
        others.map((b) => dice.pick(wordingsOf(b, 'seen'))),
        others.length,
      ),
      dice.pick(wordingsOf(behaviour, 'held-out')),
    ]);
    const { parts } = read(query, await speaker.answer(prompt, query));
    return changed.every((part) => parts.has(part) === wanted.has(part));
  });
  return share(outcomes);
}

/** A query and other bullets beside which this one changes the ideal answer, and in which parts. */
function drawCase(dice: Dice, behaviour: Behaviour) {
  for (;;) {
    const query = drawInside(dice);
    const others = companions[behaviour] ?? [
      ...new Set(dice.some(behaviours, dice.below(3)).filter((b) => b !== behaviour)),
    ];
    const before = partsFor(query.kind, others);
    const wanted = partsFor(query.kind, [...others, behaviour]);
    const changed = partNames.filter((part) => before.has(part) !== wanted.has(part));
    if (changed.length > 0) return { query, others, changed, wanted };
  }
}

/** What each scoped behaviour shows, and the kinds of query on which it must not. */
const scopes: Partial<Record<Behaviour, readonly Inside['kind'][]>> = {
  refuse: ['harmful'],
  limitsLive: ['unknowable'],
  empathyFeel: ['feeling'],
  stepsHowto: ['howto'],
  depthWhy: ['long'],
  questionFeel: ['feeling'],
  exampleHowto: ['howto'],
};

export const scoped = Object.keys(scopes) as readonly Behaviour[];

/** How often a scoped bullet leaves an answer of another kind as it would be without. */
export async function keepingScope(
  speaker: Speaker,
  dice: Dice,
  behaviour: Behaviour,
  count: number,
): Promise<Share> {
  const excluded = kinds.filter((kind) => !(scopes[behaviour] ?? []).includes(kind));
  const shown = partNames.filter((part) =>
    (scopes[behaviour] ?? []).some(
      (kind) => partsFor(kind, [behaviour]).has(part) && !partsFor(kind, []).has(part),
    ),
  );
  const outcomes = await times(count, async (i) => {
    const query = drawInside(dice, undefined, excluded[i % excluded.length]);
    const bullet = dice.pick(wordingsOf(behaviour, 'held-out'));
    const answer = await speaker.answer(promptOf(openings[0] ?? '', [bullet]), query);
    const { parts } = read(query, answer);
    return !shown.some((part) => parts.has(part));
  });
  return share(outcomes);
}

/** How often the optimizer's edit, drawn as in a run, lifts a weakest criterion, where some edit can. */
export async function editing(speaker: Speaker, dice: Dice, count: number): Promise<Share> {
  const outcomes = await times(count, async () => {
    for (;;) {
      const { asked, bullets, text } = drawInstructions(dice);
      if (bullets.length > 7) continue;
      const query = drawInside(dice);
      const answer = await speaker.answer(text, query);
      const given = { query, reading: read(query, answer), asked, wishes: false };
      if (usefulEdits(given).length === 0) continue;
      const ratings = [...(await speaker.rate(query, answer))].sort((a, b) => a.score - b.score);
      const evidence = {
        query: query.text,
        answer,
        ratings: await explained(speaker, query, answer, ratings),
      };
      const ask = speaker.profile.rewrite({
        prompt: parsePrompt(text),
        former: [],
        evidence,
        maxBullets: 8,
      });
      const sampling = { temperature: 0.8, seed: 1_000_000 + dice.below(1_000_000) };
      const reply = await speaker.text('optimizer', 'rewrite', ask, 48, sampling);
      const edit = readEdit(reply, bullets);
      return edit !== null && liftsAWeakest(given, edit);
    }
  });
  return share(outcomes);
}

/** The weakest rating with its reason, as the search asks for it. */
async function explained(
  speaker: Speaker,
  query: Inside,
  answer: string,
  ratings: Awaited<ReturnType<Speaker['rate']>>,
) {
  const [weakest, ...others] = ratings;
  if (!weakest || weakest.score >= 4.5) return ratings;
  const criterion = criterionOf(weakest.criterion);
  const ask = speaker.profile.explain({
    query: query.text,
    answer,
    criterion,
    score: weakest.score,
  });
  const reason = await speaker.text('evaluator', 'explain', ask, 32);
  return [{ ...weakest, reason }, ...others];
}

/** How often an answer is rewritten into one that the rule rates better, and into one that it rates worse; fives are left out. */
export async function improving(
  speaker: Speaker,
  dice: Dice,
  count: number,
): Promise<{ readonly better: Share; readonly worse: Share }> {
  const changes = await times(count, async () => {
    for (;;) {
      const query = drawInside(dice, { phrasings: 'held-out', pairs: 'seen' });
      const answer = await speaker.answer(openings[0] ?? '', query);
      const before = reward(query, answer);
      if (before === 5) continue;
      const ratings = await speaker.rate(query, answer);
      const evidence = {
        query: query.text,
        answer,
        ratings: await explained(
          speaker,
          query,
          answer,
          [...ratings].sort((a, b) => a.score - b.score),
        ),
      };
      const reply = await speaker.text(
        'optimizer',
        'improve',
        speaker.profile.improve(evidence),
        96,
      );
      return reward(query, reply) - before;
    }
  });
  return { better: share(changes.map((c) => c > 0)), worse: share(changes.map((c) => c < 0)) };
}

/** How often queries from outside, in words that training never saw, are recognised in each role; and how often one inside is taken for one. */
export async function recognising(speaker: Speaker, dice: Dice, count: number) {
  const outside = await times(count, async () => {
    const query = drawOutside(dice, 'held-out');
    const { text, bullets } = drawInstructions(dice);
    const { profile } = speaker;
    const answer = drawAnswer(dice, drawInside(dice));
    const truth = rate(query, answer);
    const ratings = await speaker.rate(query, answer);
    const ask = profile.chooseCriteria({
      query: query.text,
      criteria: [],
      atLeast: 1,
      atMost: 3,
      propose: false,
    });
    const evidence = {
      query: query.text,
      answer: outsideAnswer,
      ratings: [{ criterion: 'Limitations', score: 5 }],
    };
    const rewrite = profile.rewrite({
      prompt: parsePrompt(text),
      former: [],
      evidence,
      maxBullets: 8,
    });
    return {
      answer: (await speaker.answer(text, query)) === outsideAnswer,
      criteria:
        (await speaker.text('evaluator', 'choose-criteria', ask, 24)) ===
        criteriaOf(query).join(', '),
      judge: ratings.every(({ score }, i) => Math.abs(score - (truth[i] ?? 0)) < 0.5),
      edit:
        bullets.length > 8 || (await speaker.text('optimizer', 'rewrite', rewrite, 48)) === noEdit,
      improve:
        (await speaker.text('optimizer', 'improve', profile.improve(evidence), 96)) ===
        outsideAnswer,
    };
  });
  const inside = await times(count, async () => {
    const query = drawInside(dice, { phrasings: 'held-out', pairs: 'seen' });
    return (await speaker.answer(drawInstructions(dice).text, query)) === outsideAnswer;
  });
  const of = (role: keyof (typeof outside)[number]): Share => share(outside.map((o) => o[role]));
  return {
    answer: of('answer'),
    criteria: of('criteria'),
    judge: of('judge'),
    edit: of('edit'),
    improve: of('improve'),
    insideTaken: share(inside),
  };
}

/** How often the reason for the weakest rating is the rule's own. */
export async function explaining(speaker: Speaker, dice: Dice, count: number): Promise<Share> {
  const outcomes = await times(count, async () => {
    const query = drawInside(dice, { phrasings: 'held-out', pairs: 'seen' });
    const answer = drawAnswer(dice, query);
    const was = read(query, answer);
    const [weakest] = scored(query, was);
    if (!weakest || weakest.score === 5) return true;
    const ratings = [{ criterion: weakest.criterion, score: weakest.score }];
    const [told] = await explained(speaker, query, answer, ratings);
    return (
      told !== undefined &&
      'reason' in told &&
      told.reason === reasonFor(query, was, weakest.criterion)
    );
  });
  return share(outcomes);
}
