export type Theme = 'light' | 'dark' | 'system';

const key = 'drpo-theme';

/** The theme a person chose; `system` where they did not, or where storage is off. `public/theme.js` reads the same key. */
export function readTheme(): Theme {
  try {
    const kept = localStorage.getItem(key);
    return kept === 'light' || kept === 'dark' ? kept : 'system';
  } catch {
    return 'system';
  }
}

/** Shows a theme, and keeps it where the browser allows. */
export function useTheme(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === 'system') delete dataset['theme'];
  else dataset['theme'] = theme;
  try {
    if (theme === 'system') localStorage.removeItem(key);
    else localStorage.setItem(key, theme);
  } catch {
    // Not kept: it holds until the page is closed.
  }
}
