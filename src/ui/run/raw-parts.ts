import type { Content, Cut, Part } from '../../core/llm.ts';

/** A part of a request as it was asked, with what was given up of it. */
export interface ShownPart {
  readonly text: string;
  readonly cut: Cut | null;
}

export interface ShownMessage {
  readonly who: string;
  readonly parts: readonly ShownPart[];
}

/** A request's content for reading: one message a turn, with the parts that the reply says were cut. */
export function shownContent(content: Content, cuts: readonly Cut[]): readonly ShownMessage[] {
  const show = ({ text, drop }: Part): ShownPart => ({
    text,
    cut: (drop && cuts.find((c) => c.what === drop.what)) ?? null,
  });
  if (content.type === 'text') return [{ who: 'text', parts: content.parts.map(show) }];
  return content.messages.map((m) => ({ who: m.role, parts: m.parts.map(show) }));
}
