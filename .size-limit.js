import { readFileSync } from 'node:fs';

// Vite writes the first script and a preload link for each module that it imports statically into the page.
const page = readFileSync('dist/index.html', 'utf8');
const first = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(
  (m) => `dist/${m[1]}`,
);

export default [{ name: 'first script with its static imports', path: first, limit: '60 kB' }];
