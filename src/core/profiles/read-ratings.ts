import type { Criterion } from '../criteria.ts';
import { normalise } from '../prompt.ts';
import type { Rating } from '../rating.ts';

/**
 * A rating for each criterion, in their order, wherever the reply puts it: a line that begins with the name, and on it or
 * below it, before the next name, a score of 1 to 5. Null if one has none, or another number where the score should be: a
 * score guessed from a number in the reason would be worse than none.
 */
export function readScoredLines(
  text: string,
  criteria: readonly Criterion[],
): readonly Rating[] | null {
  const sections = sectionsOf(text, criteria);
  const ratings = criteria.map((c): Rating | null => {
    for (const { name, lines } of sections) {
      const found = name === c.name ? readSection(lines) : null;
      if (found) return { criterion: c.name, ...found };
    }
    return null;
  });
  return ratings.every((r) => r !== null) ? ratings : null;
}

interface Section {
  readonly name: string;
  readonly lines: string[];
}

/** The reply from each line that begins with a criterion's name to the next such line, names taken off. */
function sectionsOf(text: string, criteria: readonly Criterion[]): readonly Section[] {
  const labels = criteria.map(({ name }) => ({ name, label: labelOf(name) }));
  const sections: Section[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [best] = labels
      .map(({ name, label }) => ({ name, length: label?.exec(line)?.[0].length ?? 0 }))
      .sort((a, b) => b.length - a.length);
    if (best && best.length > 0)
      sections.push({ name: best.name, lines: [line.slice(best.length)] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections;
}

/** A criterion's name at the beginning of a line, after marks; null for a name without a word. */
function labelOf(name: string): RegExp | null {
  const words = normalise(name)
    .split(/[\s-]+/)
    .filter((word) => word !== '')
    .map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  if (words.length === 0) return null;
  const marks = '[\\s\\-*•#>|"\'_`\\d.)]*';
  const next = '(?=\\s*$|\\s*[:(|=]|\\s+[-–—]|\\s+\\d|\\s+(?:score|rating)\\b)';
  return new RegExp(`^${marks}${words.join('[\\s-]+')}[*_"'\`]*${next}`, 'iu');
}

function readSection(lines: readonly string[]): Pick<Rating, 'score' | 'reason'> | null {
  for (const [i, line] of lines.entries()) {
    const found = numberIn(line);
    if (!found) continue;
    if (!/^[1-5](?:\.0+)?$/.test(found.number)) return null;
    const before = [...lines.slice(0, i), line.slice(0, found.from)].join(' ');
    const reason =
      reasonIn(before) ?? reasonIn(line.slice(found.to)) ?? labelled(lines.slice(i + 1));
    return { score: Number(found.number), ...(reason !== null && { reason }) };
  }
  return null;
}

const figure = '(\\d+(?:[.,]\\d+)?)';
const ofFive = '\\s*(?:/|out of|of)\\s*5\\b';
const scale = /\(?\b(?:from )?1\s*(?:-|–|—|to)\s*5\b\)?/g;

/** Where a line's score may stand, the surest place first: after its word, out of 5, at the front, at the end. */
const places: readonly RegExp[] = [
  new RegExp(
    `\\b(?:score|rating)\\b(?: is| of)?[^\\p{L}\\p{N}]{0,16}${figure}(?:${ofFive})?(?!.*\\b(?:score|rating)\\b[^\\p{L}]*\\d)`,
    'iu',
  ),
  new RegExp(`(?<![\\d.,])${figure}${ofFive}`, 'i'),
  new RegExp(`^[^\\p{L}\\p{N}]*${figure}(?=\\s*(?:$|stars?\\b|[-–—.,;:()|*\\]]))`, 'iu'),
  new RegExp(`(?<=[.!?:;,|()[\\]\\-–—=*]\\s*)(?<![\\d.,])${figure}[^\\p{L}\\p{N}]*$`, 'iu'),
];

function numberIn(line: string) {
  // Blanks in place of the scale's own name ("1-5") keep all positions.
  const plain = line.replace(scale, (match) => ' '.repeat(match.length));
  for (const place of places) {
    const match = place.exec(plain);
    if (match?.[1] === undefined) continue;
    return { number: match[1], from: match.index, to: match.index + match[0].length };
  }
  return null;
}

/** Text around a score as a reason: without the marks that set the two apart; null if it holds no word. */
function reasonIn(text: string): string | null {
  const reason = text
    .replace(/^[\s:*|\-–—=.,;)\]]+/, '')
    .replace(/[\s:*|\-–—=([]+$/, '')
    .replace(/^(?:reason|explanation|justification)[\s:*]+/i, '');
  return /\p{L}{2}/u.test(reason) ? reason : null;
}

function labelled(lines: readonly string[]): string | null {
  const line = lines.find((l) => /^[\s*-]*(?:reason|explanation|justification)\b/i.test(l));
  return line === undefined ? null : reasonIn(line);
}
