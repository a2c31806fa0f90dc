/**
 * What a perfect prefix cache would have to read: prompts in one radix tree, which holds `capacity` tokens at most and gives
 * up the end of the least recently used branch first.
 */
export class RadixTree {
  readonly #root: Node = { tokens: [], children: new Map(), parent: null, used: 0 };
  readonly #capacity: number;
  #held = 0;
  #clock = 0;

  constructor(capacity = Infinity) {
    this.#capacity = capacity;
  }

  /** Tokens in the tree. */
  get held(): number {
    return this.#held;
  }

  /** Puts a prompt into the tree; returns how many of its tokens were not there. */
  add(prompt: readonly number[]): number {
    const now = ++this.#clock;
    let node = this.#root;
    let at = 0;
    for (;;) {
      const child = node.children.get(prompt[at] ?? -1);
      if (!child) break;
      const shared = commonLength(child.tokens, prompt, at);
      if (shared < child.tokens.length) split(child, shared);
      child.used = now;
      at += shared;
      node = child;
    }
    const missing = prompt.length - at;
    if (missing > 0) {
      const tokens = prompt.slice(at);
      node.children.set(tokens[0] ?? -1, { tokens, children: new Map(), parent: node, used: now });
      this.#held += missing;
      this.#shrink();
    }
    return missing;
  }

  #shrink(): void {
    while (this.#held > this.#capacity) {
      const leaf = oldestLeaf(this.#root);
      const { parent } = leaf;
      if (!parent) return;
      const given = Math.min(this.#held - this.#capacity, leaf.tokens.length);
      this.#held -= given;
      if (given < leaf.tokens.length) leaf.tokens = leaf.tokens.slice(0, -given);
      else parent.children.delete(leaf.tokens[0] ?? -1);
    }
  }
}

/** A stretch of tokens that all prompts through it share. A node was used when any below it was. */
interface Node {
  tokens: readonly number[];
  children: Map<number, Node>;
  parent: Node | null;
  used: number;
}

function commonLength(tokens: readonly number[], prompt: readonly number[], from: number): number {
  let length = 0;
  while (length < tokens.length && tokens[length] === prompt[from + length]) length++;
  return length;
}

/** Makes the node end after `length` tokens; what came later becomes its only child. */
function split(node: Node, length: number): void {
  const rest: Node = {
    tokens: node.tokens.slice(length),
    children: node.children,
    parent: node,
    used: node.used,
  };
  for (const child of rest.children.values()) child.parent = rest;
  node.tokens = node.tokens.slice(0, length);
  node.children = new Map([[rest.tokens[0] ?? -1, rest]]);
}

/** The least recently used leaf: the newest prompt's only if it is all there is. */
function oldestLeaf(node: Node): Node {
  if (node.children.size === 0) return node;
  const leaves = [...node.children.values()].map(oldestLeaf);
  return leaves.reduce((oldest, leaf) => (leaf.used < oldest.used ? leaf : oldest));
}
