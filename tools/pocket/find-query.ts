import { actionsOf, insideQuery, kinds, phrasingCount, topics, type WorldQuery } from './world.ts';

/** Every query inside the world by its text. Some 14,000. */
export function allQueries(): ReadonlyMap<string, WorldQuery> {
  const all = topics.flatMap((topic) =>
    kinds.flatMap((kind) =>
      actionsOf(topic, kind).flatMap((_, action) =>
        Array.from({ length: phrasingCount(kind) }, (_, phrasing) =>
          insideQuery(topic, kind, action, phrasing),
        ),
      ),
    ),
  );
  return new Map(all.map((query) => [query.text, query]));
}
