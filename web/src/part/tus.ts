// A file that goes up in pieces by the protocol tus 1.0. Whatever breaks, the
// server is asked how far it has come, and the next piece begins there.

const smallest = 64 << 10; // also the first piece: a file of the wrong kind is refused by it
const largest = 4 << 20;
const stallMillis = 60_000; // without a byte sent or an answer, a connection is given up
const longestWait = 30_000;
const longestAsked = 60; // seconds that a server may ask to wait before the reader is told
const patience = 5; // how often a fault of the server's own is tried again

// Why an upload does not go on by itself.
export type End = "done" | "signin" | "gone" | "changed" | "refused" | "unable";

// Hears is told what becomes of an upload.
export interface Hears {
  moved(at: number): void; // bytes that are on their way or have arrived
  known(address: string): void; // where it can go on, also after a reload; told once for each start and break
  waits(answer: Answer): void; // the line is broken, or the server is
  ended(why: End, answer: Answer): void;
}

export interface Answer {
  status: number; // 0 without an answer
  words: string; // what the server said, in the reader's language
  header(name: string): string;
}

const silence: Answer = { status: 0, words: "", header: () => "" };

function wordsOf(r: XMLHttpRequest): string {
  try {
    return String((JSON.parse(r.responseText) as { detail?: string }).detail ?? "");
  } catch {
    return "";
  }
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

const passing = new Set([0, 408, 409, 425, 429, 502, 503, 504]); // statuses after which it is tried again

export class Upload {
  address = "";
  private offset = 0;
  private piece = smallest;
  private sure = false; // the offset is the server's own
  private inherited = false; // the address is from before this page
  private turn = 0; // counts starts and stops: what belongs to an earlier one ends
  private request?: XMLHttpRequest;
  private wake?: () => void;

  constructor(
    readonly file: File,
    private readonly to: string,
    private readonly hears: Hears,
  ) {}

  // resume looks up what arrived before this page was opened, and returns how
  // much; undefined if that is gone.
  async resume(address: string): Promise<number | undefined> {
    this.address = address;
    this.inherited = true;
    const a = await this.ask("HEAD", address);
    if (a.status === 404 || a.status === 410) this.address = "";
    if (a.status !== 200 && a.status !== 204) return undefined;
    this.accept(a);
    return this.offset;
  }

  // go sends the file, or the rest of it, and tries again as long as there is hope.
  async go(): Promise<void> {
    const turn = ++this.turn;
    this.sure = false;
    let failures = 0;
    for (;;) {
      const sends = this.address !== "" && this.sure;
      const a = await (sends ? this.patch() : this.address ? this.ask("HEAD", this.address) : this.begin());
      if (turn !== this.turn) return;
      if (a.status === 200 || a.status === 201 || a.status === 204) {
        if (sends) {
          failures = 0;
          this.piece = Math.min(largest, this.piece * 4);
        }
        this.accept(a);
        if (!sends) this.hears.known(this.address);
        if (this.offset >= this.file.size) return this.hears.ended("done", a);
        continue;
      }
      if (sends) this.piece = Math.max(smallest, this.piece / 2);
      this.sure = false;
      const why = await this.judge(a, sends, ++failures);
      if (turn !== this.turn) return;
      if (why) return this.hears.ended(why, a);
      if (a.status === 404 || (a.status === 409 && failures < 2)) continue;
      this.hears.waits(a);
      await this.rest(Number(a.header("Retry-After")) * 1000 || Math.min(longestWait, 500 * 2 ** failures));
      if (turn !== this.turn) return;
    }
  }

  // stop leaves off; what has arrived stays with the server.
  stop(): void {
    this.turn++;
    this.request?.abort();
    this.wake?.();
  }

  // abandon has the server throw away what has arrived.
  abandon(): void {
    this.stop();
    if (this.address) void this.ask("DELETE", this.address);
    this.address = "";
  }

  // judge says whether an answer that is none of the good ones ends it.
  private async judge(a: Answer, sends: boolean, failures: number): Promise<End | undefined> {
    if (a.status === 401) return "signin";
    if (a.status === 404 || a.status === 410) {
      this.address = "";
      if (!this.inherited) return "gone";
      this.inherited = false; // from its beginning, then
      return undefined;
    }
    if (a.status === 405 || a.status === 501) return "unable";
    if (a.status === 500 && failures < patience) return undefined;
    if (!passing.has(a.status) || Number(a.header("Retry-After")) > longestAsked) {
      if (sends && (a.status === 413 || a.status === 422)) this.address = "";
      return "refused";
    }
    if (a.status !== 0) return undefined;
    try {
      await this.file.slice(0, 1).arrayBuffer(); // a file that was changed looks like a broken line
    } catch {
      return "changed";
    }
    return undefined;
  }

  private accept(a: Answer): void {
    const place = a.header("Location");
    if (place) {
      this.address = new URL(place, location.href).pathname;
      this.inherited = false;
    }
    this.offset = Number(a.header("Upload-Offset")) || 0;
    this.sure = true;
    this.hears.moved(this.offset);
  }

  private begin(): Promise<Answer> {
    return this.ask("POST", this.to, {
      "Upload-Length": String(this.file.size),
      "Upload-Metadata": "filename " + base64(this.file.name.normalize()),
    });
  }

  private patch(): Promise<Answer> {
    const headers = { "Upload-Offset": String(this.offset), "Content-Type": "application/offset+octet-stream" };
    return this.ask("PATCH", this.address, headers, this.file.slice(this.offset, this.offset + this.piece));
  }

  private ask(method: string, to: string, headers: Record<string, string> = {}, body?: Blob): Promise<Answer> {
    return new Promise((answer) => {
      const r = (this.request = new XMLHttpRequest()); // fetch does not tell how much was sent
      let timer = 0;
      const alive = (): void => {
        window.clearTimeout(timer);
        timer = window.setTimeout(() => r.abort(), stallMillis);
      };
      r.upload.onprogress = (e) => {
        alive();
        this.hears.moved(this.offset + e.loaded);
      };
      r.onloadend = () => {
        window.clearTimeout(timer);
        answer(r.status ? { status: r.status, words: wordsOf(r), header: (n) => r.getResponseHeader(n) ?? "" } : silence);
      };
      r.open(method, to);
      for (const [name, value] of Object.entries({ Accept: "application/json", "Tus-Resumable": "1.0.0", ...headers })) {
        r.setRequestHeader(name, value);
      }
      alive();
      r.send(body);
    });
  }

  private rest(millis: number): Promise<void> {
    return new Promise((done) => {
      const timer = window.setTimeout(() => this.wake?.(), millis);
      this.wake = () => {
        window.clearTimeout(timer);
        window.removeEventListener("online", online);
        this.wake = undefined;
        done();
      };
      const online = (): void => this.wake?.();
      window.addEventListener("online", online);
    });
  }
}
