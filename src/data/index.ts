export * from './criteria.ts';
export * from './examples.ts';
export * from './planted.ts';
export * from './prompts.ts';
export * from './queries.ts';
