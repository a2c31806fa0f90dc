/** Asks that the screen stay on while a run goes; returns how to end that. Asked again whenever the page is shown. */
export function keepAwake(): () => void {
  const held = new Set<WakeLockSentinel>();
  let over = false;
  const ask = async () => {
    if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
    try {
      const lock = await navigator.wakeLock.request('screen');
      // Granted late: nobody else would let go of it.
      if (over) await lock.release();
      else held.add(lock);
    } catch {
      // Refused on low battery or by policy: the run goes on all the same.
    }
  };
  const again = () => void ask();
  document.addEventListener('visibilitychange', again);
  again();
  return () => {
    over = true;
    document.removeEventListener('visibilitychange', again);
    for (const lock of held) void lock.release();
  };
}
