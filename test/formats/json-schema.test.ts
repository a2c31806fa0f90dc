import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { jsonSchemas } from '../../tools/schema.ts';

test.each(Object.entries(jsonSchemas()))(
  'public/schema/%s is what the schemas say (else: npx tsx tools/schema.ts)',
  (name, text) => {
    const file = new URL(`../../public/schema/${name}`, import.meta.url);
    expect(readFileSync(file, 'utf8')).toBe(text);
  },
);
