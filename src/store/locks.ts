/** Lets go of a lock; resolves once another tab can have it. */
export type Release = () => Promise<void>;

/**
 * Takes a Web Lock for as long as the tab lives or until it is released; null where `ifAvailable` and someone has it. Pages
 * served over plain http have no locks: there two tabs can disturb each other, and it is always taken.
 */
async function hold(name: string, options: LockOptions): Promise<Release | null> {
  if (!('locks' in navigator)) return () => Promise.resolve();
  return new Promise((resolve, reject) => {
    const held: Promise<unknown> = navigator.locks.request(name, options, async (lock) => {
      if (!lock) {
        resolve(null);
        return;
      }
      await new Promise<void>((release) => {
        resolve(async () => {
          release();
          await held;
        });
      });
    });
    held.catch(reject);
  });
}

/** The right to drive a run, which one tab has at a time; null where another tab (or this one) already has it. */
export async function driveLock(run: string): Promise<Release | null> {
  return hold(`drpo-run-${run}`, { ifAvailable: true });
}

/** For whoever copies a model file; waits while someone sweeps. */
export async function copyLock(): Promise<Release | null> {
  return hold('drpo-models', { mode: 'shared' });
}

/** For whoever removes what died copies left; null while any copy is under way. */
export async function sweepLock(): Promise<Release | null> {
  return hold('drpo-models', { ifAvailable: true });
}

const enginesName = 'drpo-engines';

/**
 * The right to hold models in memory, which one tab has at a time: two would share what one needs. Waits for the tab that has
 * it, after asking it to let go, and says so. Rejects with the signal's AbortError.
 */
export async function engineLock(signal: AbortSignal, onWait: () => void): Promise<Release> {
  const free = await hold(enginesName, { ifAvailable: true });
  if (free) return free;
  onWait();
  post(enginesName, 'wanted');
  const waited = await hold(enginesName, { signal });
  if (!waited) throw new Error('a lock that is waited for was not given');
  return waited;
}

/** Whether another tab waits for this right. */
export async function engineLockWanted(): Promise<boolean> {
  if (!('locks' in navigator)) return false;
  const { pending = [] } = await navigator.locks.query();
  return pending.some(({ name }) => name === enginesName);
}

/** Calls `onWanted` whenever another tab asks for this right; returns how to stop. */
export function onEngineLockWanted(onWanted: () => void): () => void {
  return listen(enginesName, () => onWanted());
}

const channelName = 'drpo-runs';

/** Tells other tabs (and other watchers in this one) that a run has changed in the database. */
export function announce(run: string): void {
  post(channelName, run);
}

/** Calls `onChange` whenever `announce` is called for the run anywhere; returns how to stop. */
export function watchRun(run: string, onChange: () => void): () => void {
  return listen(channelName, (told) => {
    if (told === run) onChange();
  });
}

function post(name: string, word: string): void {
  const channel = new BroadcastChannel(name);
  channel.postMessage(word);
  channel.close();
}

function listen(name: string, onWord: (word: unknown) => void): () => void {
  const channel = new BroadcastChannel(name);
  channel.onmessage = (message: MessageEvent<unknown>) => onWord(message.data);
  return () => channel.close();
}
