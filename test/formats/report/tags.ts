/** A tag of a page with its attributes. */
export interface Tag {
  readonly name: string;
  readonly end: boolean;
  readonly attributes: ReadonlyMap<string, string>;
}

const unended = new Set(['meta', '!doctype']);

/** The tags of a page, or a sentence that says where it is not well-formed. What stands in its style element is left out. */
export function tagsOf(page: string): readonly Tag[] | string {
  const text = page.replace(/<style>[^]*?<\/style>/, '<style></style>');
  const tags: Tag[] = [];
  const open: string[] = [];
  let at = 0;
  for (const found of text.matchAll(
    /<(\/?)([a-z!][a-z0-9]*)((?:\s+[a-z0-9:-]+(?:="[^"<>]*")?)*)\s*(\/?)>/gi,
  )) {
    const between = text.slice(at, found.index);
    if (/[<>]/.test(between)) return `a sign that is not escaped in “${between.slice(-80)}”`;
    at = found.index + found[0].length;
    const name = (found[2] ?? '').toLowerCase();
    const end = found[1] === '/';
    const attributes = new Map(
      [...(found[3] ?? '').matchAll(/([a-z0-9:-]+)(?:="([^"]*)")?/gi)].map(
        ([, key = '', value = '']) => [key, value] as const,
      ),
    );
    tags.push({ name, end, attributes });
    if (end) {
      const opened = open.pop();
      if (opened !== name) return `</${name}> ends <${String(opened)}>`;
    } else if (found[4] !== '/' && !unended.has(name)) open.push(name);
  }
  if (/[<>]/.test(text.slice(at))) return 'a sign that is not escaped at the end';
  return open.length === 0 ? tags : `<${open.join('> <')}> has no end`;
}
