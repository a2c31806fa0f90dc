import type { LlmInfo } from '../llm.ts';
import type { Profile } from '../profile.ts';
import { base } from './base.ts';
import { instruct } from './instruct.ts';
import { pocket } from './pocket.ts';

/** All profiles, by id. */
export const profiles: Readonly<Record<string, Profile>> = { instruct, base, pocket };

/** The profile for a model: the one its file names, else chat turns where its weights know them, plain text otherwise. */
export function profileFor({ form, profile }: Pick<LlmInfo, 'form' | 'profile'>): Profile {
  const named =
    profile !== undefined && Object.hasOwn(profiles, profile) ? profiles[profile] : undefined;
  // Weights without a chat template cannot be asked in turns, whatever their file says.
  if (named && (named.form === 'text' || form === 'chat')) return named;
  return form === 'chat' ? instruct : base;
}
