import type { LlmInfo } from '../llm.ts';
import type { Profile } from '../profile.ts';
import { base } from './base.ts';
import { instruct } from './instruct.ts';

/** All profiles, by id. */
export const profiles: Readonly<Record<string, Profile>> = { instruct, base };

/** The profile for a model: chat turns where its weights know them, plain text otherwise. */
export function profileFor(info: Pick<LlmInfo, 'form'>): Profile {
  return info.form === 'chat' ? instruct : base;
}
