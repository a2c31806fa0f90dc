/** Drops a folder with these files on an element, as the browser tells of one. The entries hand out one file at a time. */
export function dropFolder(target: Element, files: Readonly<Record<string, string>>): void {
  const entries = Object.entries(files).map(([name, text]) => fileEntry(new File([text], name)));
  drop(target, [folderEntry(entries)], []);
}

/** Drops files on an element. */
export function dropFiles(target: Element, files: readonly File[]): void {
  drop(target, files.map(fileEntry), files);
}

export function fileEntry(file: File): object {
  return {
    isFile: true,
    isDirectory: false,
    file: (take: (file: File) => void) => take(file),
  };
}

export function folderEntry(entries: readonly object[]): object {
  const waiting = [...entries];
  const readEntries = (take: (entries: object[]) => void) => take(waiting.splice(0, 1));
  return { isFile: false, isDirectory: true, createReader: () => ({ readEntries }) };
}

/** A script cannot make a DataTransfer with a folder in it, so the event carries what one would look like. */
function drop(target: Element, entries: readonly object[], files: readonly File[]): void {
  const event = new DragEvent('drop', { bubbles: true, cancelable: true });
  const items = entries.map((entry) => ({ webkitGetAsEntry: () => entry }));
  Object.defineProperty(event, 'dataTransfer', { value: { items, files } });
  target.dispatchEvent(event);
}
