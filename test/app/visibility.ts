/** Makes the page look hidden or seen, as the browser would; `undo` gives the browser its say again. */
export function show(visibility: DocumentVisibilityState): void {
  Object.defineProperty(document, 'visibilityState', {
    configurable: true,
    get: () => visibility,
  });
  document.dispatchEvent(new Event('visibilitychange'));
}

export function undo(): void {
  Reflect.deleteProperty(document, 'visibilityState');
}
