// The addresses of uploads that are not through yet, kept on this device, so
// that a file goes on where it was after a reload or a dead battery. A file is
// known by its name, size and date. Without storage an upload still goes on for
// as long as its page is open.

interface Kept {
  address: string;
  at: number; // when it was last heard of
  done: boolean; // all has arrived, and the form was sent
}

const mark = "ceiba.upload:";
const daysKept = 10; // as the server does
const dayMillis = 86_400_000;

const nameOf = (file: File): string => mark + [file.name, file.size, file.lastModified].join("/");

function read(name: string): Kept | undefined {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "") as Kept;
  } catch {
    return undefined;
  }
}

export function recall(file: File): string {
  return read(nameOf(file))?.address ?? "";
}

export function keep(file: File, address: string, done = false): void {
  try {
    localStorage.setItem(nameOf(file), JSON.stringify({ address, at: Date.now(), done }));
  } catch {
    // No room, or not allowed.
  }
}

export function forget(file: File): void {
  try {
    localStorage.removeItem(nameOf(file));
  } catch {
    // There is none.
  }
}

// tidy takes away what nobody will need: all of it, or what is too old, or on a
// page without an upload what is through.
export function tidy(everything: boolean): void {
  try {
    const through = !document.querySelector("[data-upload]");
    for (const name of Object.keys(localStorage).filter((n) => n.startsWith(mark))) {
      const k = read(name);
      if (everything || !k || (k.done && through) || Date.now() - k.at > daysKept * dayMillis) localStorage.removeItem(name);
    }
  } catch {
    // There is none.
  }
}
