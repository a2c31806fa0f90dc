import MiniSearch from 'minisearch';
import type { Example, Query } from './events.ts';
import { normalise } from './prompt.ts';
import { dice, seedAt, shuffled } from './random.ts';
import { askEmbedding, type Search } from './world.ts';

/** The K examples that go before a query, most similar first. Never one that is the query itself. */
export type Retrieve = (query: Pick<Query, 'id' | 'text'>) => Promise<readonly Example[]>;

/** Retrieval as the settings ask for it (DRPO §3.2: for each query the K most similar examples of stage 1). */
export function retriever(search: Search, examples: readonly Example[]): Retrieve {
  const { count, retrieval, similarity } = search.settings.examples;
  if (count === 0 || examples.length === 0) return () => Promise.resolve([]);
  const ranked =
    retrieval === 'random'
      ? randomOrder(search.settings.seed, examples)
      : similarity === 'embedding' && search.llms.base.info.canEmbed
        ? embeddingOrder(search, examples)
        : lexicalOrder(examples);
  return async (query) => {
    const order = await ranked(query);
    return order.filter((e) => normalise(e.query) !== normalise(query.text)).slice(0, count);
  };
}

function randomOrder(seed: number, examples: readonly Example[]): Retrieve {
  return (query) => Promise.resolve(shuffled(examples, dice(seedAt(seed, 'examples', query.id))));
}

/** BM25 over the examples' queries; those that share no word follow in their own order. */
export function lexicalOrder(examples: readonly Example[]): Retrieve {
  const index = new MiniSearch<Example>({ fields: ['query'] });
  index.addAll(examples);
  return (query) => {
    const hits = index.search(query.text, { combineWith: 'OR' });
    const score = new Map(hits.map((hit) => [String(hit.id), hit.score]));
    return Promise.resolve(byScore(examples, (e) => score.get(e.id) ?? 0));
  };
}

function embeddingOrder(search: Search, examples: readonly Example[]): Retrieve {
  let vectors: Promise<readonly (readonly number[])[]> | undefined;
  const embed = async (text: string) => (await askEmbedding(search, text)).vector;
  const embedAll = async () => {
    const all: (readonly number[])[] = [];
    for (const example of examples) all.push(await embed(example.query));
    return all;
  };
  return async (query) => {
    vectors ??= embedAll();
    const known = await vectors;
    const wanted = await embed(query.text);
    return byScore(examples, (_, i) => cosine(known[i] ?? [], wanted));
  };
}

function byScore(
  examples: readonly Example[],
  score: (example: Example, index: number) => number,
): Example[] {
  return examples
    .map((example, i) => ({ example, score: score(example, i) }))
    .sort((a, b) => b.score - a.score)
    .map((x) => x.example);
}

/** Cosine similarity; 0 where a vector has no length. */
export function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, v, i) => sum + v * (y[i] ?? 0), 0);
  const norm = Math.sqrt(dot(a, a) * dot(b, b));
  return norm === 0 ? 0 : dot(a, b) / norm;
}
