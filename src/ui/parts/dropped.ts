/** What was dropped: one file, or the files of a folder. */
export type Dropped =
  | { readonly type: 'file'; readonly file: File }
  | { readonly type: 'folder'; readonly files: readonly File[] };

/**
 * What a drop brings, null where it brings no file. Several files at once count as a folder's. Must be called while the drop
 * event is handled: afterwards the browser forgets what was dropped.
 */
export async function readDrop(transfer: DataTransfer): Promise<Dropped | null> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const loose = [...transfer.files];
  if (entries.some((entry) => entry.isDirectory)) {
    const files = await Promise.all(entries.map(filesOf));
    return { type: 'folder', files: files.flat() };
  }
  const [file] = loose;
  if (!file) return null;
  return loose.length > 1 ? { type: 'folder', files: loose } : { type: 'file', file };
}

async function filesOf(entry: FileSystemEntry): Promise<readonly File[]> {
  if (isFile(entry)) return [await new Promise<File>((take, fail) => entry.file(take, fail))];
  if (!isFolder(entry)) return [];
  const reader = entry.createReader();
  const inside: FileSystemEntry[] = [];
  for (;;) {
    // It hands out some hundred at a time, and none when it is done.
    const some = await new Promise<FileSystemEntry[]>((take, fail) =>
      reader.readEntries(take, fail),
    );
    if (some.length === 0) break;
    inside.push(...some);
  }
  const files = await Promise.all(inside.map(filesOf));
  return files.flat();
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
