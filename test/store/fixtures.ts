import version1 from './fixtures/version-1.json';

/**
 * Rows as each version of the database wrote them, by version and object store. Append only, and never written again:
 * what a released version wrote stays in somebody's browser.
 */
export const fixtures: readonly Readonly<Record<string, readonly unknown[]>>[] = [{}, version1];
