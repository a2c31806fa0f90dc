const gap = 6;
const margin = 8;

/** Puts a popover under its anchor, or above where there is no room, and never past the edge of the window. */
export function putBeside(anchor: Element, popover: HTMLElement, align: 'start' | 'end'): void {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const left = align === 'start' ? at.left : at.right - width;
  const below = at.bottom + gap;
  const fits = below + height + margin <= innerHeight || at.top < height + gap + margin;
  popover.style.left = `${String(Math.max(margin, Math.min(left, innerWidth - width - margin)))}px`;
  popover.style.top = `${String(fits ? below : at.top - gap - height)}px`;
}
