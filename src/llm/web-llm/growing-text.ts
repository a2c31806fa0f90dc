// What a tokenizer makes of a character of which only some bytes are there yet.
const halfCharacter = '\ufffd';

/** Where the first of the stops begins; null if none is in the text. */
export function stopIn(text: string, stops: readonly string[]): number | null {
  const places = stops.map((stop) => text.indexOf(stop)).filter((place) => place >= 0);
  return places.length > 0 ? Math.min(...places) : null;
}

/** The text without a character of which the end is missing. */
export function wholeCharacters(text: string): string {
  let end = text.length;
  while (text[end - 1] === halfCharacter) end--;
  return text.slice(0, end);
}

/** What of a growing text is sure to stay: no half character at its end, and nothing that may become a stop. */
export function sureOf(text: string, stops: readonly string[]): string {
  const whole = wholeCharacters(text);
  const longest = Math.max(0, ...stops.map((stop) => stop.length - 1));
  for (let length = Math.min(longest, whole.length); length > 0; length--) {
    const end = whole.slice(-length);
    if (stops.some((stop) => stop.startsWith(end))) return wholeCharacters(whole.slice(0, -length));
  }
  return whole;
}
