import { beforeAll, describe, expect, test } from 'vitest';
import { joinParts, type LlmRequest, type Output } from '../../../src/core/llm.ts';
import type { Ask, Profile } from '../../../src/core/profile.ts';
import { base } from '../../../src/core/profiles/base.ts';
import { instruct } from '../../../src/core/profiles/instruct.ts';
import { parsePrompt } from '../../../src/core/prompt.ts';
import { mean } from '../../../src/core/rating.ts';
import { criteria, handWrittenPrompt } from '../../../src/data/index.ts';
import { countingModel } from '../../../tools/bench-cost/model.ts';
import { scripted } from '../../../tools/bench-cost/writer.ts';
import { aRequest, digits, words } from '../../llm/requests.ts';

const judged = { query: 'Why is the sky blue?', answer: 'It is made of sapphire.' };
const plain = parsePrompt('You are a helpful assistant.');
const full = parsePrompt(handWrittenPrompt);
const evidence = { ...judged, ratings: [{ criterion: 'Factuality', score: 2 }] };

let tokensIn: (text: string) => number;
beforeAll(async () => {
  const { tokenizer } = (await countingModel()).llama;
  tokensIn = (text) => tokenizer.encode(text).length - 1;
});

function requestOf({ content, stop }: Ask, seed: number, output: Output = words(400, ...stop)) {
  return aRequest({ content, output, sampling: { seed } });
}

/** What is set for a request of the scripted profile. */
function said(profile: Profile, seed: number, ask: (profile: Profile) => Ask): string {
  const script = scripted(profile, 1);
  const reply = script.writer(requestOf(ask(script.profile), seed));
  return reply?.type === 'text' ? reply.text : '';
}

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

describe.each([
  ['instruct', instruct],
  ['base', base],
])('what is set for the profile %s', (_name, profile) => {
  test('is what the profile can read', () => {
    const rated = criteria.slice(2, 6);
    for (const seed of seeds) {
      const ratings = said(profile, seed, (p) => p.rateAll({ ...judged, criteria: rated }));
      const read = profile.readRatings(ratings, rated);
      expect(read?.map((r) => r.criterion)).toEqual(rated.map((c) => c.name));
      expect(read?.every((r) => r.reason !== undefined)).toBe(true);
      const offer = { query: judged.query, criteria, atLeast: 2, atMost: 5, propose: true };
      const names = profile.readChoice(said(profile, seed, (p) => p.chooseCriteria(offer)))?.names;
      expect(names?.length).toBeGreaterThanOrEqual(2);
      expect(names?.length).toBeLessThanOrEqual(5);
      expect(criteria.map((c) => c.name)).toEqual(expect.arrayContaining([...(names ?? [])]));
    }
  });

  test.each([
    ['a plain prompt', plain, 1],
    ['a full one', full, 8],
  ])('changes %s', (_what, prompt, bullets) => {
    for (const seed of seeds) {
      const blanks = { prompt, evidence: [evidence], tried: [], count: 3, maxBullets: 8 };
      const edits = said(profile, seed, (p) => p.edit?.(blanks) ?? p.improve(evidence));
      const made = profile.readEdits?.(edits, prompt) ?? [];
      expect(new Set(made).size).toBe(3);
      expect(made.map((m) => parsePrompt(m).bullets.length)).toEqual([bullets, bullets, bullets]);
      const one = { prompt, evidence, former: [], maxBullets: 8 };
      const whole = profile.readPrompt(
        said(profile, seed, (p) => p.rewrite(one)),
        prompt,
      );
      expect(parsePrompt(whole ?? '').bullets).toHaveLength(bullets);
      expect(whole).toContain(prompt.opening.trim());
    }
  });
});

describe('set replies are about as long as the worked examples', () => {
  const shown = (ask: Ask) => ('parts' in ask.content ? joinParts(ask.content.parts) : '');
  const find = (text: string, pattern: RegExp) =>
    [...text.matchAll(pattern)].flatMap((match) => match[1] ?? []);
  const meanTokens = (texts: readonly string[]) => mean(texts.map(tokensIn));
  const close = (set: readonly string[], worked: readonly string[]) => {
    expect(worked.length).toBeGreaterThan(0);
    const ratio = meanTokens(set) / meanTokens(worked);
    expect(ratio).toBeGreaterThan(0.75);
    expect(ratio).toBeLessThan(1.25);
  };

  test('the reason of a written rating', () => {
    const line = /^\w+: (.*) Score: \d$/gm;
    const asked = base.rateAll({ ...judged, criteria });
    close(
      find(
        said(base, 1, (p) => p.rateAll({ ...judged, criteria })),
        line,
      ),
      find(shown(asked), line),
    );
  });

  test('a reason that is asked for alone, which is longer', () => {
    const blanks = criteria.map((criterion) => ({ ...judged, criterion, score: 2 }));
    const worked = blanks.slice(0, 1).map((b) => shown(base.explain(b)));
    close(
      blanks.map((b) => said(base, 1, (p) => p.explain(b))),
      worked.flatMap((text) => find(text, /^## A better answer would\n(.+)$/gm)),
    );
  });

  test('a change', () => {
    const blanks = { prompt: plain, evidence: [evidence], tried: [], count: 3, maxBullets: 8 };
    const line = /^(?:Add|Replace \d): (.*)$/gm;
    const edit = (p: Profile) => p.edit?.(blanks) ?? p.improve(evidence);
    close(
      seeds.flatMap((seed) => find(said(base, seed, edit), line)),
      find(shown(edit(base)), line),
    );
  });
});

test('a rating leaves a reason to be asked for, whatever the answer', () => {
  const script = scripted(instruct, 1);
  const [criterion = criteria[0]] = criteria;
  if (!criterion) throw new Error('there are no criteria');
  for (const seed of seeds) {
    const ask = script.profile.rate({ ...judged, answer: `No ${String(seed)}.`, criterion });
    const reply = script.writer(requestOf(ask, seed, digits));
    const probabilities = reply?.type === 'choice' ? reply.probabilities : [];
    expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 10);
    const score = probabilities.reduce((sum, p, i) => sum + p * (i + 1), 0);
    expect(score).toBeGreaterThan(1);
    expect(score).toBeLessThan(4.5);
  }
});

test('a request that the profile did not make has no reply', () => {
  const { writer } = scripted(instruct, 1);
  const request: LlmRequest = requestOf(
    instruct.explain({ ...judged, criterion: aCriterion, score: 2 }),
    1,
  );
  expect(() => writer(request)).toThrow('nothing is set');
});

const aCriterion = { name: 'Wit', definition: 'It is witty.', low: 'Dull.', high: 'Witty.' };
