import type { LlmRequest } from '../../src/core/llm.ts';
import type { Ask, Profile } from '../../src/core/profile.ts';
import { contentText, openProfile } from './builders.ts';

/** What a judge's request was made from, as the scale profile writes it. */
export interface ScaleBlanks {
  readonly query?: string;
  readonly answer?: string;
  readonly criterion?: string;
  readonly definition?: string;
  readonly order?: string;
  readonly thought?: string;
  readonly first?: string;
  readonly second?: string;
}

function ask(blanks: ScaleBlanks): Ask {
  return { content: { type: 'text', parts: [{ text: JSON.stringify(blanks) }] }, stop: [] };
}

/** The open profile, but one that shows a scale, thinks and compares. */
export const scaleProfile: Profile = {
  ...openProfile,
  id: 'scale',
  rate: ({ query, answer, criterion: { name, definition }, order = 'rising', thought }) =>
    ask({
      ...{ query, answer, criterion: name, definition, order },
      ...(thought !== undefined && { thought }),
    }),
  think: ({ query, answer, criterion }) => ask({ query, answer, criterion: criterion.name }),
  compare: (blanks) => ask(blanks),
};

/** The blanks of a request of the scale profile. */
export function scaleBlanks(request: LlmRequest): ScaleBlanks {
  return JSON.parse(contentText(request.content)) as ScaleBlanks;
}
