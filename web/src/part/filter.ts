// Filters that follow the reader's choices. The form works by its button; with
// a script the same page is fetched and its list put in place, so that the
// focus stays where it is and the address says what is shown.

import { all, byId } from "./dom";

const waitMillis = 400;

export function watchFilters(then: (within: ParentNode) => void): void {
  for (const form of all<HTMLFormElement>("form[data-auto]")) watch(form, then);
  if (document.querySelector("form[data-auto]")) window.addEventListener("popstate", () => location.reload());
}

function watch(form: HTMLFormElement, then: (within: ParentNode) => void): void {
  let timer = 0;
  let asked: AbortController | undefined;
  form.addEventListener("change", (e) => {
    if (e.target instanceof HTMLInputElement && e.target.type === "text") return;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void load(), waitMillis);
  });
  async function load(): Promise<void> {
    asked?.abort();
    asked = new AbortController();
    const address = addressOf(form);
    try {
      const answer = await fetch(address, { signal: asked.signal, headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!replace(form.dataset.auto ?? "", page)) throw new Error("other page");
      history.pushState(null, "", address);
      then(document);
    } catch (err) {
      if (err instanceof DOMException && err.name === "AbortError") return;
      location.assign(address);
    }
  }
}

// addressOf leaves out what is not chosen, so that addresses stay short.
function addressOf(form: HTMLFormElement): string {
  const query = new URLSearchParams();
  new FormData(form).forEach((value, name) => {
    if (typeof value === "string" && value !== "") query.append(name, value);
  });
  const base = form.action.split("?")[0] ?? "";
  const text = query.toString();
  return text ? base + "?" + text : base;
}

// replace takes the list, its sentence and its chips from the fetched page.
function replace(id: string, page: Document): boolean {
  let found = false;
  for (const name of [id, id + "-sentence", id + "-chips"]) {
    const here = byId(name);
    const there = page.getElementById(name);
    if (!here || !there) continue;
    if (name === id) found = true;
    here.replaceChildren(...Array.from(there.childNodes));
    here.hidden = there.hidden;
  }
  return found;
}
