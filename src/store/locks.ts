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

const channelName = 'drpo-runs';

/** Tells other tabs (and other watchers in this one) that a run has changed in the database. */
export function announce(run: string): void {
  const channel = new BroadcastChannel(channelName);
  channel.postMessage(run);
  channel.close();
}

/** Calls `onChange` whenever `announce` is called for the run anywhere; returns how to stop. */
export function watchRun(run: string, onChange: () => void): () => void {
  const channel = new BroadcastChannel(channelName);
  channel.onmessage = (message: MessageEvent<unknown>) => {
    if (message.data === run) onChange();
  };
  return () => {
    channel.close();
  };
}
