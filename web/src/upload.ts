// The script of a field for a large file: the file goes up in pieces while the
// rest of the form is filled in, goes on by itself when the line breaks, and
// then the form is sent with the upload's id instead of the file.

import { all, fill, say } from "./part/dom";
import { forget, keep, recall } from "./part/kept";
import { Answer, End, Upload } from "./part/tus";

const worthIt = 1_000_000; // bytes: smaller files go with the form
const spokenEvery = 25; // percent

// bytes writes a size as the server does: 3.1 MB.
function bytes(n: number): string {
  let unit = 0;
  for (; n >= 1000 && unit < 3; unit++) n /= 1000;
  return n.toFixed(unit === 0 || n >= 100 ? 0 : 1).replace(/\.0$/, "") + " " + ["B", "KB", "MB", "GB"][unit];
}

// Pace tells from the last seconds how long the rest will take.
class Pace {
  private marks: [time: number, at: number][] = [];

  mark(at: number): void {
    const now = performance.now();
    if (at < (this.marks[this.marks.length - 1]?.[1] ?? 0)) this.marks = []; // it went back after a break
    this.marks.push([now, at]);
    while (this.marks.length > 2 && now - (this.marks[0]?.[0] ?? now) > 20_000) this.marks.shift();
  }

  // seconds for the rest; 0 where nothing can be said yet.
  left(rest: number): number {
    const first = this.marks[0];
    const last = this.marks[this.marks.length - 1];
    if (!first || !last || last[0] - first[0] < 2000 || last[1] <= first[1]) return 0;
    return (rest * (last[0] - first[0])) / 1000 / (last[1] - first[1]);
  }
}

type State = "idle" | "going" | "paused" | "stopped" | "arrived";

class Field {
  private readonly words: Record<string, string>;
  private readonly form: HTMLFormElement;
  private readonly field: HTMLElement;
  private readonly button: HTMLElement | null;
  private readonly bar: HTMLProgressElement;
  private readonly label: string;
  private readonly id: HTMLInputElement; // names the upload when the form is sent
  private readonly before: string; // the upload that it named when the page came
  private readonly notes: string; // ids of the hints
  private state: State = "idle";
  private upload?: Upload;
  private pace = new Pace();
  private spoken = 0;
  private shown = 0;

  constructor(
    private readonly box: HTMLElement,
    private readonly input: HTMLInputElement,
  ) {
    this.words = JSON.parse(box.dataset.sentences ?? "{}") as Record<string, string>;
    this.form = input.form as HTMLFormElement;
    this.field = input.closest<HTMLElement>(".field") as HTMLElement;
    this.button = this.form.querySelector("[type=submit]");
    this.label = this.button?.textContent?.trim() ?? "";
    this.bar = box.querySelector("progress") as HTMLProgressElement;
    this.id = this.form.elements.namedItem("upload") as HTMLInputElement;
    this.before = this.id.value;
    this.notes = input.getAttribute("aria-describedby") ?? "";
    input.disabled = false; // some browsers remember that across a reload
    input.addEventListener("change", () => void this.chosen());
    this.part("pause").addEventListener("click", () => (this.state === "going" ? this.pause() : this.go()));
    this.part("cancel").addEventListener("click", () => this.cancel());
    // Before the form's own script, which counts the form as sent.
    document.addEventListener("submit", (e) => e.target === this.form && this.submit(e), true);
    window.addEventListener("pageshow", (e) => e.persisted && this.reset());
    window.addEventListener("focus", () => !this.part("enter").hidden && this.go()); // back from signing in
    window.addEventListener("beforeunload", (e) => {
      if (this.state === "going" || this.state === "paused") e.preventDefault();
    });
  }

  private part(name: string): HTMLElement {
    return this.box.querySelector(`[data-${name}]`) as HTMLElement;
  }

  private say(key: string, values: Record<string, string> = {}): string {
    return fill(this.words[key] ?? "", values);
  }

  private tell(text: string): void {
    const words = this.part("words");
    if (words.textContent === text) return;
    words.textContent = text;
    say(text);
  }

  // chosen looks whether part of the file has arrived before.
  private async chosen(): Promise<void> {
    this.reset();
    const file = this.input.files?.[0];
    const address = file && recall(file);
    if (!file || !address) return;
    const upload = this.fresh(file);
    const at = await upload.resume(address);
    if (this.upload !== upload || this.state !== "idle") return;
    if (!upload.address) forget(file);
    if (!at) return;
    this.box.hidden = false;
    this.part("pause").hidden = true;
    this.tell(this.say("before", { done: bytes(at), total: bytes(file.size) }));
  }

  private fresh(file: File): Upload {
    const upload: Upload = new Upload(file, this.box.dataset.upload ?? "", {
      moved: (at) => this.upload === upload && this.show(at),
      known: (address) => this.upload === upload && keep(file, address),
      waits: (answer) => this.upload === upload && this.waits(answer),
      ended: (why, answer) => this.upload === upload && this.ended(why, answer),
    });
    this.upload = upload;
    return upload;
  }

  private waits(answer: Answer): void {
    this.tell(answer.words || this.say("waiting"));
    this.pace = new Pace();
    this.count("of");
  }

  private submit(e: SubmitEvent): void {
    const file = this.input.files?.[0];
    if (this.state === "arrived" || !file || file.size < worthIt) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    if (this.state === "going") return;
    this.upload ??= this.fresh(file);
    this.go();
  }

  private go(): void {
    if (!this.upload || this.state === "going") return;
    this.state = "going";
    this.pace = new Pace();
    this.wrong("");
    this.input.disabled = true;
    this.box.hidden = this.part("pause").hidden = false;
    this.part("pause").textContent = this.say("pause");
    this.part("enter").hidden = true;
    if (this.button) {
      this.button.setAttribute("aria-disabled", "true");
      this.button.textContent = this.button.dataset.busy ?? this.label;
    }
    this.tell(this.say("going", { name: this.upload.file.name }));
    void this.upload.go();
  }

  private pause(): void {
    this.upload?.stop();
    this.rest("paused");
    this.tell(this.say("paused"));
    this.count("of");
  }

  // rest shows the form as it is while nothing is sent.
  private rest(state: State): void {
    this.state = state;
    this.part("pause").textContent = this.say("on");
    if (!this.button) return;
    this.button.removeAttribute("aria-disabled");
    this.button.textContent = this.label;
  }

  private cancel(): void {
    const { upload } = this;
    this.reset();
    if (upload) {
      forget(upload.file);
      upload.abandon();
    }
    this.input.value = "";
    this.input.focus();
  }

  private reset(): void {
    this.upload?.stop();
    this.upload = undefined;
    this.rest("idle");
    this.wrong("");
    this.box.hidden = true;
    this.input.disabled = false;
    this.spoken = this.shown = 0;
    this.part("words").textContent = this.part("sofar").textContent = "";
    this.id.value = this.before;
  }

  private show(at: number): void {
    const total = this.upload?.file.size ?? 0;
    this.bar.max = total;
    this.bar.value = at;
    this.pace.mark(at);
    if (this.state === "going") this.tell(this.say("going", { name: this.upload?.file.name ?? "" }));
    const now = performance.now();
    if (now - this.shown < 500 && at < total) return; // a number that flickers cannot be read
    this.shown = now;
    const seconds = this.pace.left(total - at);
    const key = !seconds || at >= total || this.state !== "going" ? "of" : seconds < 60 ? "soon" : seconds < 5400 ? "minutes" : "hours";
    this.count(key, String(Math.ceil(seconds / (key === "hours" ? 3600 : 60))));
    const percent = spokenEvery * Math.floor((100 * at) / total / spokenEvery);
    if (percent > this.spoken && percent < 100 && this.state === "going") say(this.say("percent", { n: String(percent) }));
    this.spoken = Math.max(this.spoken, percent);
  }

  private count(key: string, n = ""): void {
    this.part("sofar").textContent = this.say(key, { done: bytes(this.bar.value), total: bytes(this.bar.max), n });
  }

  private ended(why: End, answer: Answer): void {
    const file = this.upload?.file as File;
    if (why === "done") return this.send();
    this.rest("stopped");
    this.part("words").textContent = "";
    this.part("enter").hidden = why !== "signin";
    if (why === "signin") return this.tell(this.say("signin"));
    if (why === "changed") {
      this.upload?.abandon();
      this.input.value = "";
    }
    if (!this.upload?.address) forget(file);
    if (why === "unable") return this.plain();
    const words = why === "refused" ? answer.words : "";
    this.box.hidden = true;
    this.input.disabled = false;
    this.upload = this.upload?.address ? this.upload : undefined;
    this.wrong(words || this.say(why, { status: String(answer.status), button: this.label }));
  }

  // plain lets the form take the file itself, where something between here and
  // the server does not know how to pass on pieces.
  private plain(): void {
    this.state = "arrived";
    this.box.hidden = true;
    this.input.disabled = false;
    this.form.requestSubmit();
  }

  private send(): void {
    const upload = this.upload as Upload;
    this.rest("arrived");
    keep(upload.file, upload.address, true);
    this.id.value = upload.address.split("/").pop() ?? "";
    this.part("pause").hidden = true;
    this.tell(this.say("arrived"));
    this.form.requestSubmit();
  }

  // wrong shows at the field why the file was not taken.
  private wrong(text: string): void {
    const note = this.field.querySelector("[data-wrong]") as HTMLElement;
    (note.querySelector("[data-words]") as HTMLElement).textContent = text;
    note.hidden = !text;
    for (const old of all(".error:not([data-wrong])", this.field)) old.remove(); // of the answer before
    this.field.classList.toggle("wrong", text !== "");
    this.input.removeAttribute("aria-invalid");
    this.input.setAttribute("aria-describedby", text ? `${this.notes} ${note.id}` : this.notes);
    if (!text) return;
    this.input.setAttribute("aria-invalid", "true");
    this.input.focus();
  }
}

for (const box of all("[data-upload]")) {
  const input = box.closest(".field")?.querySelector<HTMLInputElement>("input[type=file]");
  if (input?.form && "requestSubmit" in input.form) new Field(box, input);
}
