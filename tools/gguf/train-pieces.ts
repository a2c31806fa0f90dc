/**
 * Pieces of words for a SentencePiece vocabulary, most frequent joints first: byte-pair encoding over the words of the texts,
 * of ASCII letters, each with the space before it (as ▁). Every piece is two earlier ones or characters, so that a tokenizer reaches it.
 */
export function trainPieces(texts: readonly string[], count: number): readonly string[] {
  const words = [...wordCounts(texts)].map(([word, times]) => ({ parts: Array.from(word), times }));
  const pieces: string[] = [];
  while (pieces.length < count) {
    const best = mostFrequentPair(words);
    if (best === null) break;
    const [left, right] = best;
    pieces.push(left + right);
    for (const word of words) word.parts = joined(word.parts, left, right);
  }
  return [...new Set(pieces)];
}

interface Word {
  parts: string[];
  readonly times: number;
}

function wordCounts(texts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const [word] of text.matchAll(/ ?[A-Za-z]+/g)) {
      const spelt = word.replace(' ', '▁');
      counts.set(spelt, (counts.get(spelt) ?? 0) + 1);
    }
  }
  return counts;
}

function mostFrequentPair(words: readonly Word[]): readonly [string, string] | null {
  const counts = new Map<string, number>();
  let best: readonly [string, string] | null = null;
  let most = 1;
  for (const { parts, times } of words) {
    for (let i = 1; i < parts.length; i++) {
      const left = parts[i - 1] ?? '';
      const right = parts[i] ?? '';
      const key = `${left} ${right}`;
      const count = (counts.get(key) ?? 0) + times;
      counts.set(key, count);
      if (count > most) {
        most = count;
        best = [left, right];
      }
    }
  }
  return best;
}

function joined(parts: readonly string[], left: string, right: string): string[] {
  const out: string[] = [];
  for (const part of parts) {
    if (part === right && out.at(-1) === left) out[out.length - 1] = left + right;
    else out.push(part);
  }
  return out;
}
