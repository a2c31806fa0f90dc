import type { Criterion } from '../criteria.ts';
import type { Choice } from '../profile.ts';
import { normalise } from '../prompt.ts';
import type { Rating } from '../rating.ts';

/** Names separated by commas or lines, and at most one line "New: name = definition". Null where there is no name at all. */
export function readListedNames(text: string): Choice | null {
  const proposed =
    /(?:^|\n)\s*[-*]?\s*new(?: criterion)?\s*:\s*([^=:\n]{2,40}?)\s*[=:]\s*(\S[^\n]{3,300})/i.exec(
      text,
    );
  const rest = proposed ? text.slice(0, proposed.index) : text;
  const names = rest
    .split(/[,;\n]/)
    .map((name) =>
      name
        .replace(/^[\s\-*•\d.)]+/, '')
        .replace(/[:(].*$/, '')
        .replace(/^(?:and|und)\s+/i, '')
        .replace(/[\s.*"']+$/, '')
        .trim(),
    )
    .filter((name) => name !== '' && name.length <= 40);
  if (names.length === 0 && !proposed) return null;
  return {
    names,
    proposed:
      proposed?.[1] && proposed[2] ? { name: proposed[1], definition: proposed[2].trim() } : null,
  };
}

/** One line for each criterion: its name, then anything, then the last digit 1 to 5 of the line. Null if one has none. */
export function readScoredLines(
  text: string,
  criteria: readonly Criterion[],
): readonly Rating[] | null {
  const lines = text.split('\n');
  const ratings = criteria.map((c) => readScoredLine(lines, c.name));
  return ratings.every((r) => r !== null) ? ratings : null;
}

function readScoredLine(lines: readonly string[], name: string): Rating | null {
  const wanted = normalise(name);
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const label = normalise(line.slice(0, colon)).replace(/^[\s\-•\d.)]+/, '');
    if (label !== wanted) continue;
    const score = /(?<![\d.])([1-5])(?:\.0+)?(?:\s*(?:\/|of|out of)\s*5)?[^\d]*$/.exec(
      line.slice(colon + 1),
    );
    if (!score?.[1]) continue;
    const reason = line
      .slice(colon + 1, colon + 1 + score.index)
      .replace(/[\s(]*(?:score|rating)?[\s:=(-]*$/i, '')
      .trim();
    return {
      criterion: name,
      score: Number(score[1]),
      ...(reason !== '' && { reason }),
    };
  }
  return null;
}

/** The first sentence-like line, without a leading label or list mark; null if it holds no word. */
export function readSentence(text: string): string | null {
  const line = text
    .split('\n')
    .map((l) => l.replace(/^[\s\-*•"]+/, '').trim())
    .find((l) => /\p{L}{2}/u.test(l));
  return line === undefined ? null : line.slice(0, 400);
}

/** A reply's text as an answer: trimmed, without a label in front; null if it holds no word. */
export function readAnswerText(text: string): string | null {
  const answer = text
    .trim()
    .replace(/^(?:#+\s*)?(?:(?:new|better|improved|rewritten)\s+)?answer\s*:\s*/i, '')
    .trim();
  return /\p{L}{2}/u.test(answer) ? answer : null;
}

const maxPromptChars = 6000;

/**
 * A reply's text as a prompt: without code fence, quotes or a line that announces it. Null where it has no opening and
 * no bullets with words in them, or is absurdly long: a model that rambles has not written instructions.
 */
export function readPromptText(text: string): string | null {
  const inner = /```[a-z]*\n([\s\S]*?)(?:```|$)/i.exec(text)?.[1] ?? text;
  const lines = inner
    .trim()
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  if (/^(?:here|sure|certainly|okay|of course)\b.*:$/i.test(lines[0] ?? '')) lines.shift();
  const prompt = lines
    .map((line) => line.replace(/^\s*(?:[*•–]|\d{1,2}[.)])\s+/, '- ').replace(/^\s*-\s+/, '- '))
    .join('\n')
    .replace(/^"([\s\S]*)"$/, '$1');
  const bullets = prompt.split('\n').filter((line) => line.startsWith('- '));
  const worded = bullets.filter((line) => (line.match(/\p{L}{2,}/gu) ?? []).length >= 2);
  return worded.length === 0 || prompt.length > maxPromptChars ? null : prompt;
}
