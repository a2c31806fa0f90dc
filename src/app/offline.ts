/**
 * Registers the service worker, once the page has loaded: with it the app works offline, and is isolated from its next
 * load on. Without one (the development server, plain http, some private windows) it works as long as the network does.
 * Never rejects.
 */
export async function workOffline(): Promise<void> {
  if (import.meta.env.MODE === 'development' || !('serviceWorker' in navigator)) return;
  if (document.readyState !== 'complete') {
    await new Promise((resolve) => addEventListener('load', resolve, { once: true }));
  }
  try {
    await navigator.serviceWorker.register('./sw.js', { updateViaCache: 'none' });
  } catch (error) {
    // Nothing a person could act on, but whoever runs the host may want to know.
    console.info('The app will not work offline here: its service worker was refused.', error);
  }
}
