// What the tests of downloads call in a page of their own, built as the app is.
export { downloadGguf } from '../../src/llm/download/gguf.ts';
export { fetchMlc } from '../../src/llm/mlc/files.ts';
export { checkMlc, removeMlc, storedMlc } from '../../src/llm/mlc/stored.ts';
export { hashFile, openModel } from '../../src/llm/open.ts';
export { removeParts, storedParts } from '../../src/llm/download/partial-downloads.ts';
