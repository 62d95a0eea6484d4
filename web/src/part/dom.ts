// The few words that all scripts share for finding elements and hearing events.

export function all<T extends Element = HTMLElement>(selector: string, within: ParentNode = document): T[] {
  return Array.from(within.querySelectorAll<T>(selector));
}

export function byId(id: string | undefined): HTMLElement | null {
  return id ? document.getElementById(id) : null;
}

// fill puts values in the holes of a sentence: "{done} of {total}".
export function fill(sentence: string, values: Record<string, string>): string {
  return sentence.replace(/\{(\w+)\}/g, (hole, name: string) => values[name] ?? hole);
}

// grouped writes a number as the server does: 1,240.
export function grouped(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ",");
}

// The one place that says something to a screen reader without moving focus.
let voice: HTMLElement | undefined;
export function say(text: string): void {
  if (!voice) {
    voice = document.createElement("p");
    voice.className = "hidden";
    voice.setAttribute("role", "status");
    (document.querySelector("main") ?? document.body).append(voice);
  }
  voice.textContent = "";
  window.setTimeout(() => voice && (voice.textContent = text), 50);
}
