import { keepAwake } from './keep-awake.ts';
import { tabSentence, watchTab } from './watch-tab.ts';

/** Keeps the screen on and says when the browser holds the tab back, while a run goes; returns how to end both. */
export function attend(onHeldBack: (sentence: string | null) => void): () => void {
  const ends = [keepAwake(), watchTab((state) => onHeldBack(tabSentence(state)))];
  return () => {
    for (const end of ends) end();
  };
}
