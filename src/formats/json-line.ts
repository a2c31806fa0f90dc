const token =
  /[ \t\r\n]+|"[^"\\\t\r\n]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\t\r\n]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/y;

/** What may come next: a value, a value or the end of its list, a key, a key or the end, a colon, a comma or the end. */
type Wanted = 'value' | 'first-value' | 'key' | 'first-key' | 'colon' | 'comma';

/**
 * The line, from 1, where `text` stops being JSON; its last line if it only ends too early. Browsers name the place in
 * different ways or not at all.
 */
export function jsonErrorLine(text: string): number {
  const open: string[] = [];
  let wanted: Wanted = 'value';
  let at = 0;
  while (at < text.length) {
    token.lastIndex = at;
    const found = token.exec(text)?.[0];
    if (found === undefined) break;
    if (found.trim() !== '') {
      const next = after(found, wanted, open);
      if (!next) break;
      wanted = next;
    }
    at += found.length;
  }
  return text.slice(0, at).split('\n').length;
}

/** What is wanted after `found`, or null where `found` was not; keeps `open`, the brackets not yet closed. */
function after(found: string, wanted: Wanted, open: string[]): Wanted | null {
  const inObject = open.at(-1) === '{';
  switch (found) {
    case '{':
    case '[':
      if (wanted !== 'value' && wanted !== 'first-value') return null;
      open.push(found);
      return found === '{' ? 'first-key' : 'first-value';
    case '}':
      if (!inObject || (wanted !== 'comma' && wanted !== 'first-key')) return null;
      open.pop();
      return 'comma';
    case ']':
      if (open.at(-1) !== '[' || (wanted !== 'comma' && wanted !== 'first-value')) return null;
      open.pop();
      return 'comma';
    case ':':
      return wanted === 'colon' ? 'value' : null;
    case ',':
      if (wanted !== 'comma' || open.length === 0) return null;
      return inObject ? 'key' : 'value';
    default:
      if (wanted === 'value' || wanted === 'first-value') return 'comma';
      if (wanted === 'key' || wanted === 'first-key') return found.startsWith('"') ? 'colon' : null;
      return null;
  }
}
