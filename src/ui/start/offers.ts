import type { Draft } from '../../app/draft.svelte.ts';

/** A prompt the app offers to start from. */
export interface StartingPrompt {
  readonly id: string;
  readonly name: string;
  readonly text: string;
}

/** The prompts that are offered with a model: in the words that it knows, where it is the built-in one. */
export function promptsFor(
  world: Draft['world'],
  usual: readonly StartingPrompt[],
): readonly StartingPrompt[] {
  if (!world) return usual;
  const texts = new Map([
    ['plain', world.start],
    ['hand-written', world.handWritten],
  ]);
  return usual.map((prompt) => ({ ...prompt, text: texts.get(prompt.id) ?? prompt.text }));
}
