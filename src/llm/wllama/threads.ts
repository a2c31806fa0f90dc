/** What decides how many processor threads are worth it. */
export interface Cores {
  /** Whether the page is isolated: without that threads have no memory in common. */
  readonly isolated: boolean;
  /** Logical ones, as the browser tells them. */
  readonly logical: number;
}

// At every step of a token all threads wait for each other, which takes longer than the work of a small model. They wait without
// sleeping: with as many threads as cores, any other work on the machine makes it ten times slower than one thread is.
const smallBytes = 64e6;

// Beyond this the memory is the limit, and the machine has other things to do.
const mostThreads = 8;

/**
 * Processor threads for a model of so many bytes, 1 to 8: one for each physical core, which is about half of the logical
 * ones; 1 for a small model, or where the page is not isolated. Replies do not depend on it.
 */
export function threadsFor(fileBytes: number, { isolated, logical }: Cores): number {
  if (!isolated || fileBytes < smallBytes) return 1;
  return Math.min(mostThreads, Math.max(1, Math.floor(logical / 2)));
}

/** What a person should know of the threads that a model of so many bytes runs on: a sentence. */
export function threadsNote(fileBytes: number, cores: Cores): string {
  const threads = threadsFor(fileBytes, cores);
  if (threads > 1) return `Runs on ${threads} processor threads.`;
  const more = threadsFor(fileBytes, { ...cores, isolated: true });
  return more === 1
    ? 'Runs on one processor thread.'
    : `Runs on one processor thread: this page is not isolated. Reload it, and the model will run on ${more}.`;
}
