/** The places of the page. Run and Result show one run, named by its id. */
export type Route =
  | { readonly place: 'start' }
  | { readonly place: 'run'; readonly id: string }
  | { readonly place: 'result'; readonly id: string }
  | { readonly place: 'runs' }
  | { readonly place: 'models' }
  /** `step`: class mode, at this step from 1 on; null: the whole page. */
  | { readonly place: 'learn'; readonly step: number | null };

/** Reads `location.hash`. Whatever it does not know is the Start place. */
export function parseRoute(hash: string): Route {
  const [path = '', how] = hash.replace(/^#\/?/, '').split('?');
  const [place, id] = path.split('/');
  if (place === 'learn') return { place, step: how ? Number(how.at(6) ?? 1) || 1 : null };
  if ((place === 'run' || place === 'result') && id) return { place, id: decode(id) };
  if (place === 'runs' || place === 'models') return { place };
  return { place: 'start' };
}

function decode(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

/** The address of a place: `parseRoute(routeHref(r))` is `r`. */
export function routeHref(route: Route): string {
  if (route.place === 'learn' && route.step !== null) return `#/learn?class=${String(route.step)}`;
  return 'id' in route ? `#/${route.place}/${encodeURIComponent(route.id)}` : `#/${route.place}`;
}

/** Where the page is now; follows the address bar once `listen` is called. */
export class Router {
  current = $state.raw<Route>(parseRoute(location.hash));

  go(route: Route): void {
    location.hash = routeHref(route);
    this.current = route;
  }

  /** Calls back after each move by link, by Back or by hand. Returns the way to stop. */
  listen(onmove: (route: Route) => void): () => void {
    const follow = () => {
      this.current = parseRoute(location.hash);
      onmove(this.current);
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }
}
