import { describe, expect, test } from 'vitest';
import type { LlmRequest } from '../../../src/core/llm.ts';
import type { Ask } from '../../../src/core/profile.ts';
import { makeBullet, parsePrompt, promptText } from '../../../src/core/prompt.ts';
import { expectedScore, mean, reward } from '../../../src/core/rating.ts';
import { plainStart } from '../../../src/core/settings.ts';
import { simulatedModel } from '../../../tools/bench-search/model.ts';
import { simulated } from '../../../tools/bench-search/profile.ts';
import {
  bestFeatures,
  calibrated,
  criteria,
  effectOf,
  effectPlace,
  featureCount,
  featuresOf,
  knowQuery,
  makeWorld,
  queriesFrom,
  trueQuality,
  type SimulatedWorld,
} from '../../../tools/bench-search/world.ts';

const world = makeWorld({ ...calibrated, seed: 5 });
const silent = { ...calibrated.noise, answer: 0, judge: 0 };
const noNoise = makeWorld({ ...calibrated, seed: 5, noise: silent });

function request(
  purpose: LlmRequest['purpose'],
  { content }: Ask,
  change: { readonly output?: LlmRequest['output']; readonly seed?: number } = {},
): LlmRequest {
  const { output = { type: 'text', maxTokens: 100, stop: [] }, seed = 1 } = change;
  const model = { engine: 'e', id: 'i', revision: '1', contextSize: 4096 };
  const sampling = { temperature: 1, topP: 1, seed };
  return { role: 'base', purpose, model, content, output, sampling };
}

async function textOf(of: SimulatedWorld, asked: LlmRequest): Promise<string> {
  const reply = await simulatedModel(of).ask(asked);
  if (reply.type !== 'text') throw new Error('not a text');
  return reply.text;
}

/** A prompt with these features, one a line. */
function promptWith(features: readonly number[]) {
  const bullets = features.map((f) =>
    makeBullet(String(f), world.lines[f] ?? '', { type: 'start' }),
  );
  return { ...parsePrompt(plainStart), bullets };
}

const answerTo = (of: SimulatedWorld, features: readonly number[], query: string, seed = 1) =>
  textOf(
    of,
    request('answer', simulated.answer({ prompt: promptWith(features), examples: [], query }), {
      seed,
    }),
  );

/** The reward of one answer to a query, by probabilities or in writing. */
async function rewardOf(
  of: SimulatedWorld,
  query: string,
  answer: string,
  protocol: 'probabilities' | 'written',
): Promise<number> {
  const asked = knowQuery(of, query).criteria.flatMap((c) => criteria[c] ?? []);
  if (protocol === 'written') {
    const said = await textOf(
      of,
      request('rate', simulated.rateAll({ query, answer, criteria: asked })),
    );
    return reward(simulated.readRatings(said, asked)) ?? NaN;
  }
  const output = { type: 'choice', choices: ['1', '2', '3', '4', '5'] } as const;
  const scores = asked.map(async (criterion) => {
    const ask = simulated.rate({ query, answer, criterion });
    const reply = await simulatedModel(of).ask(request('rate', ask, { output }));
    return reply.type === 'choice' ? expectedScore(reply.probabilities) : NaN;
  });
  return mean(await Promise.all(scores));
}

async function meanOver(
  of: SimulatedWorld,
  features: readonly number[],
  count: number,
  protocol: 'probabilities' | 'written',
): Promise<number> {
  const rewards = queriesFrom(0, count).map(async ({ text }) =>
    rewardOf(of, text, await answerTo(of, features, text), protocol),
  );
  return mean(await Promise.all(rewards));
}

const [query] = queriesFrom(0, 1).map((q) => q.text);

describe('the simulated model', () => {
  const text = query ?? '';
  const rateAll = simulated.rateAll({ query: text, answer: 'x', criteria });
  const evidence = { query: text, answer: 'x', ratings: [{ criterion: 'Clarity', score: 2 }] };
  const rewrite = simulated.rewrite({
    prompt: promptWith([1, 2]),
    former: [],
    evidence,
    maxBullets: 8,
  });
  const choose = { query: text, criteria, atLeast: 2, atMost: 5, propose: false };
  const asked: readonly LlmRequest[] = [
    request('answer', simulated.answer({ prompt: promptWith([1, 2]), examples: [], query: text })),
    request('rate', rateAll),
    request('rewrite', rewrite),
    request('choose-criteria', simulated.chooseCriteria(choose)),
  ];

  test.each(asked)(
    'answers equal requests of $purpose equally, whatever was asked before',
    async (one) => {
      const warm = simulatedModel(world);
      for (const other of asked) await warm.ask(other);
      expect(await warm.ask(one)).toEqual(await simulatedModel(world).ask(one));
    },
  );

  test('is lucky or not by the seed of its sampling', async () => {
    expect(await answerTo(world, [], text, 1)).not.toBe(await answerTo(world, [], text, 2));
  });

  test('chooses no more criteria than are asked for', async () => {
    const two = simulated.chooseCriteria({ ...choose, atMost: 1 });
    const said = await textOf(world, request('choose-criteria', two));
    expect(criteria.map((c) => c.name)).toContain(said);
  });

  test('gives an answer to another query the lowest rating', async () => {
    const [, other] = queriesFrom(0, 2).map((q) => q.text);
    const answer = await answerTo(noNoise, [], other ?? '');
    expect(await rewardOf(noNoise, text, answer, 'probabilities')).toBe(1);
  });

  test('changes one line, and for the better as often as its skill says', async () => {
    const before = [0, 1, 2];
    const place = effectPlace(knowQuery(world, text).kind, 1);
    const at = (features: readonly number[]) => effectOf(world, features)[place] ?? 0;
    const replies = await Promise.all(
      Array.from({ length: 300 }, async (_, seed) => {
        const said = await textOf(
          world,
          request(
            'rewrite',
            simulated.rewrite({ prompt: promptWith(before), former: [], evidence, maxBullets: 8 }),
            { seed },
          ),
        );
        return featuresOf(world, simulated.readPrompt(said, promptWith(before)) ?? '');
      }),
    );
    for (const after of replies) {
      const same = after.filter((f) => before.includes(f)).length;
      expect([same, after.length]).toSatisfy(
        ([kept, length]: readonly number[]) =>
          (kept === 3 && length === 4) || (kept === 2 && (length === 2 || length === 3)),
      );
    }
    const helped = mean(replies.map((after) => Number(at(after) > at(before))));
    // Right by skill, or by chance where a random change happens to help.
    expect(helped).toBeGreaterThan(calibrated.skill);
    expect(helped).toBeLessThan(0.95);
  });

  test('refuses what it cannot read', async () => {
    const strange = { content: { type: 'text', parts: [{ text: 'Hello' }] }, stop: [] } as const;
    await expect(simulatedModel(world).ask(request('answer', strange))).rejects.toThrow(
      /cannot read/,
    );
    await expect(simulatedModel(world).ask(request('embed', strange))).rejects.toThrow(/no reply/);
  });
});

describe('the judge', () => {
  test('ranks prompts as the truth does where nothing is left to luck', async () => {
    const prompts = [bestFeatures(noNoise), [3, 4, 5], [], [9, 10, 11, 12, 13, 14]];
    const judged = await Promise.all(
      prompts.map((p) => meanOver(noNoise, p, 1200, 'probabilities')),
    );
    const truth = prompts.map((p) => trueQuality(noNoise, p));
    const order = (values: readonly number[]) =>
      values.map((_, i) => i).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0));
    expect(order(judged)).toEqual(order(truth));
  });

  test('says the truth on average, in probabilities and in writing', async () => {
    for (const features of [[], [1, 7, 20]]) {
      const truth = trueQuality(world, features);
      // Rewards of single queries have an s.d. of about 1: 1,500 of them a standard error of 0.026.
      expect(
        Math.abs((await meanOver(world, features, 1500, 'probabilities')) - truth),
      ).toBeLessThan(0.08);
      expect(Math.abs((await meanOver(world, features, 1500, 'written')) - truth)).toBeLessThan(
        0.05,
      );
    }
  });

  test('leaves the start ratings as the authors’ traces have them: two thirds are 5, s.d. near 0.96', async () => {
    const rewards: number[] = [];
    let fives = 0;
    let ratings = 0;
    for (const { text } of queriesFrom(0, 2000)) {
      const asked = knowQuery(world, text).criteria.flatMap((c) => criteria[c] ?? []);
      const answer = await answerTo(world, [], text);
      const said = await textOf(
        world,
        request('rate', simulated.rateAll({ query: text, answer, criteria: asked })),
      );
      const read = simulated.readRatings(said, asked) ?? [];
      fives += read.filter((r) => r.score === 5).length;
      ratings += read.length;
      rewards.push(reward(read) ?? NaN);
    }
    const centre = mean(rewards);
    const sd = Math.sqrt(mean(rewards.map((r) => (r - centre) ** 2)));
    expect(fives / ratings).toBeGreaterThan(0.62);
    expect(fives / ratings).toBeLessThan(0.71);
    expect(sd).toBeGreaterThan(0.86);
    expect(sd).toBeLessThan(1.06);
  });
});

describe('the truth', () => {
  test.each([1, 2, 3])('is highest for the best features (world %i)', (seed) => {
    const of = makeWorld({ ...calibrated, seed });
    const best = bestFeatures(of);
    expect(best.length).toBeLessThanOrEqual(8);
    const reachable = trueQuality(of, best);
    expect(reachable).toBeGreaterThan(trueQuality(of, []));
    for (let f = 0; f < featureCount; f++) {
      if (best.includes(f)) continue;
      const changed = [
        ...(best.length < 8 ? [[...best, f]] : []),
        ...best.map((_, i) => best.with(i, f)),
      ];
      const qualities = changed.map((features) => trueQuality(of, features));
      expect(Math.max(...qualities)).toBeLessThanOrEqual(reachable + 1e-9);
    }
  });

  test('is the same for all prompts in a world without effects', () => {
    const still = makeWorld({ ...calibrated, seed: 5, effects: false });
    expect(trueQuality(still, [1, 2, 3])).toBe(trueQuality(still, []));
  });

  test('reads features wherever a prompt has their lines, and takes all else for filler', () => {
    const text = `${promptText(promptWith([4, 9]))}\n- Be kind.`;
    expect(featuresOf(world, text)).toEqual([4, 9]);
  });
});
