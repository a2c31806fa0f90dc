/**
 * Runs tasks at most `limit` at a time and yields their results in the order of the tasks, whichever ends first, so that
 * what follows from them never depends on timing. Rejects with the first failed task's error in that order.
 */
export async function* inOrder<T>(
  tasks: readonly (() => Promise<T>)[],
  limit: number,
): AsyncGenerator<T> {
  const started: Promise<T>[] = [];
  const startUpTo = (count: number) => {
    while (started.length < Math.min(count, tasks.length)) {
      const task = tasks[started.length];
      if (!task) return;
      const result = task();
      // A later task may fail while an earlier one is still awaited: its turn will report it.
      result.catch(() => undefined);
      started.push(result);
    }
  };
  for (let i = 0; i < tasks.length; i++) {
    startUpTo(i + Math.max(1, limit));
    const next = started[i];
    if (next) yield await next;
  }
}

/** `inOrder` with the results as a list. */
export async function allInOrder<T>(
  tasks: readonly (() => Promise<T>)[],
  limit: number,
): Promise<T[]> {
  const results: T[] = [];
  for await (const result of inOrder(tasks, limit)) results.push(result);
  return results;
}
