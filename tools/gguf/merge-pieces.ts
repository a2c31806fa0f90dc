/**
 * Joins the two neighbours whose union has the best score, of equals the leftmost, until no two make a piece: how
 * SentencePiece tokenizes. `scoreOf` is undefined for what is no piece. Takes n log n steps for n characters.
 */
export function mergePieces(
  characters: readonly string[],
  scoreOf: (piece: string) => number | undefined,
): readonly string[] {
  const pieces = [...characters];
  const end = pieces.length;
  const next = pieces.map((_, i) => i + 1);
  const previous = pieces.map((_, i) => i - 1);
  const joints = new Heap();
  const offer = (left: number, right: number): void => {
    if (left < 0 || right >= end) return;
    const joined = `${pieces[left] ?? ''}${pieces[right] ?? ''}`;
    const score = scoreOf(joined);
    if (score !== undefined) joints.push({ left, right, joined, score });
  };
  for (let i = 1; i < end; i++) offer(i - 1, i);
  for (let best = joints.pop(); best; best = joints.pop()) {
    const { left, right, joined } = best;
    // One of the two has been joined with another neighbour since.
    if (pieces[left] === '' || pieces[right] === '') continue;
    if (`${pieces[left] ?? ''}${pieces[right] ?? ''}` !== joined) continue;
    pieces[left] = joined;
    pieces[right] = '';
    const after = next[right] ?? end;
    next[left] = after;
    if (after < end) previous[after] = left;
    offer(previous[left] ?? -1, left);
    offer(left, after);
  }
  return pieces.filter((piece) => piece !== '');
}

/** Two neighbours that make a piece. */
interface Joint {
  readonly left: number;
  readonly right: number;
  readonly joined: string;
  readonly score: number;
}

function comesFirst(a: Joint, b: Joint): boolean {
  return a.score > b.score || (a.score === b.score && a.left < b.left);
}

/** A binary heap: what comes first is popped first. */
class Heap {
  readonly #items: Joint[] = [];

  push(item: Joint): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = items[up];
      if (!parent || !comesFirst(item, parent)) break;
      items[at] = parent;
      at = up;
    }
    items[at] = item;
  }

  pop(): Joint | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (!last || items.length === 0) return first;
    let at = 0;
    for (;;) {
      const [left, right] = [items[2 * at + 1], items[2 * at + 2]];
      const rightFirst = left && right && comesFirst(right, left);
      const child = rightFirst ? right : left;
      if (!child || !comesFirst(child, last)) break;
      items[at] = child;
      at = 2 * at + (rightFirst ? 2 : 1);
    }
    items[at] = last;
    return first;
  }
}
