/** Asks that the screen stay on while a run goes; returns how to end that. Asked again whenever the page is shown. */
export function keepAwake(): () => void {
  let held: WakeLockSentinel | null = null;
  let over = false;
  const ask = async () => {
    if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
    try {
      held = await navigator.wakeLock.request('screen');
      // Granted late: nobody else would let go of it.
      if (over) await held.release();
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
    void held?.release();
  };
}
