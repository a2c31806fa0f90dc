import type { Attachment } from 'svelte/attachments';

/** Gives an element the focus as it appears: what a person pressed has made room for it. */
export const takeFocus: Attachment<HTMLElement> = (element) => {
  element.focus();
};
