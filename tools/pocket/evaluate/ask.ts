import { type Llm, type Output, type Purpose, type Role } from '../../../src/core/llm.ts';
import { profiles } from '../../../src/core/profiles/index.ts';
import type { Ask } from '../../../src/core/profile.ts';
import { parsePrompt } from '../../../src/core/prompt.ts';
import { expectedScore, type Rating } from '../../../src/core/rating.ts';
import { criteriaOf, criterionOf, type WorldQuery } from '../world.ts';

/** The model in the words of the pocket profile, as the app's search asks it. */
export class Speaker {
  readonly #llm: Llm;
  readonly profile;

  constructor(llm: Llm) {
    const profile = profiles['pocket'];
    if (!profile) throw new Error('there is no pocket profile');
    this.profile = profile;
    this.#llm = llm;
  }

  /** An answer under instructions (none where they are empty), as likely as can be. */
  answer(instructions: string, query: WorldQuery): Promise<string> {
    const prompt = instructions === '' ? null : parsePrompt(instructions);
    const ask = this.profile.answer({ prompt, examples: [], query: query.text });
    return this.text('base', 'answer', ask, 96);
  }

  /** Expected ratings on the query's own criteria, in their order. */
  async rate(query: WorldQuery, answer: string): Promise<readonly Rating[]> {
    const ratings: Rating[] = [];
    for (const name of criteriaOf(query)) {
      const criterion = criterionOf(name);
      const ask = this.profile.rate({ query: query.text, answer, criterion });
      const output = { type: 'choice', choices: ['1', '2', '3', '4', '5'] } as const;
      const reply = await this.#send('evaluator', 'rate', ask, output, 0, 1);
      if (reply.type !== 'choice') throw new Error('asked for a choice');
      ratings.push({ criterion: name, score: expectedScore(reply.probabilities) });
    }
    return ratings;
  }

  async text(
    role: Role,
    purpose: Purpose,
    ask: Ask,
    maxTokens: number,
    { temperature = 0, seed = 1 } = {},
  ): Promise<string> {
    const output = { type: 'text', maxTokens, stop: ask.stop } as const;
    const reply = await this.#send(role, purpose, ask, output, temperature, seed);
    return reply.type === 'text' ? reply.text.trim() : '';
  }

  #send(
    role: Role,
    purpose: Purpose,
    { content }: Ask,
    output: Output,
    temperature: number,
    seed: number,
  ) {
    const { engine, id, revision, contextSize } = this.#llm.info;
    const model = { engine, id, revision, contextSize };
    const sampling = { temperature, topP: 1, seed };
    return this.#llm.ask({ role, purpose, model, content, output, sampling });
  }
}
