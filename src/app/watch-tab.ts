/** How the browser treats this tab. Times are milliseconds since 1970. */
export interface TabState {
  /** Since when nobody sees it: another tab is in front, the window is minimised, the screen is locked. Null while it is seen. */
  readonly hiddenSince: number | null;
  /** Since when its timers come late, which tells that the browser or the system holds it back. Null while they are on time. */
  readonly throttledSince: number | null;
}

const expectedMs = 1000;
const lateMs = 1000;
const ticksToSay = 3;

/**
 * Watches for as long as something runs. Calls `onChange` at once and whenever the state changes; returns how to end it.
 * Timers that come late only tell of it: nothing that matters may wait for one, here or in a worker.
 */
export function watchTab(onChange: (state: TabState) => void): () => void {
  let state: TabState = { hiddenSince: hiddenNow() ? Date.now() : null, throttledSince: null };
  const set = (part: Partial<TabState>): void => {
    state = { ...state, ...part };
    onChange(state);
  };
  const lateness = new Lateness();
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const throttled = lateness.tick(now - last - expectedMs);
    last = now;
    if (throttled === (state.throttledSince !== null)) return;
    set({ throttledSince: throttled ? Date.now() : null });
  }, expectedMs);
  const onVisible = (): void => {
    if (hiddenNow() === (state.hiddenSince !== null)) return;
    set({ hiddenSince: hiddenNow() ? Date.now() : null });
  };
  document.addEventListener('visibilitychange', onVisible);
  onChange(state);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', onVisible);
  };
}

function hiddenNow(): boolean {
  return document.visibilityState === 'hidden';
}

/**
 * Whether a timer is held back: so many ticks in a row came late; so many on time end it. One late tick says nothing: a
 * laptop that slept, a file being read.
 */
export class Lateness {
  #throttled = false;
  #against = 0;

  /** Takes by how many milliseconds a tick came late, and says how things stand. */
  tick(byMs: number): boolean {
    const late = byMs >= lateMs;
    this.#against = late === this.#throttled ? 0 : this.#against + 1;
    if (this.#against >= ticksToSay) {
      this.#throttled = late;
      this.#against = 0;
    }
    return this.#throttled;
  }
}

/** What to tell a person of it while a run goes; null while there is nothing to tell. */
export function tabSentence({ hiddenSince, throttledSince }: TabState): string | null {
  if (throttledSince !== null) {
    return hiddenSince === null
      ? `Since ${clock(throttledSince)} this tab is being held back: the machine is busy, saves power, or another window covers this one. The run goes on, more slowly.`
      : `Since ${clock(throttledSince)} the browser holds this tab back, as it is in the background. The run goes on, more slowly; keep the tab in a window of its own, in sight, for full speed.`;
  }
  if (hiddenSince === null) return null;
  return `This tab has been in the background since ${clock(hiddenSince)}. The run goes on; some browsers slow it down there, so keep the tab in a window of its own for full speed.`;
}

function clock(time: number): string {
  return new Date(time).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
