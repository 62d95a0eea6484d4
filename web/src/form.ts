// The script of pages with forms: nothing is sent twice, long texts say how
// much room is left, a file that is too big is refused before it is paid for,
// and what was typed is not lost by a slip of the finger.

import { all, fill, grouped, say } from "./part/dom";

let changed = false;

// A second press while the first is on its way does nothing. The button keeps
// its place among what is sent, so it is marked, not disabled.
function once(form: HTMLFormElement): void {
  let sent = false;
  let words = "";
  let pressed: HTMLElement | null = null;
  form.addEventListener("submit", (e) => {
    if (sent) {
      e.preventDefault();
      return;
    }
    sent = true;
    changed = false;
    pressed = e.submitter ?? form.querySelector("[type=submit]");
    if (!pressed) return;
    words = pressed.innerHTML;
    const busy = pressed.dataset.busy ?? "";
    window.setTimeout(() => {
      pressed?.setAttribute("aria-disabled", "true");
      if (pressed && busy) pressed.textContent = busy;
    });
    say(busy);
  });
  window.addEventListener("pageshow", () => {
    sent = false; // back from the next page: it may be sent again
    if (pressed?.getAttribute("aria-disabled")) {
      pressed.removeAttribute("aria-disabled");
      pressed.innerHTML = words;
    }
  });
}

function countDown(area: HTMLTextAreaElement): void {
  const note = document.createElement("p");
  note.className = "hint";
  area.after(note);
  let timer = 0;
  const show = (): void => {
    note.textContent = fill(area.dataset.count ?? "", { n: grouped(area.maxLength - area.value.length) });
    window.clearTimeout(timer);
    if (area.maxLength - area.value.length < 200) timer = window.setTimeout(() => say(note.textContent ?? ""), 1500);
  };
  area.addEventListener("input", show);
  show();
}

function checkSize(input: HTMLInputElement): void {
  const most = Number(input.dataset.max);
  input.addEventListener("change", () => {
    const tooBig = Array.from(input.files ?? []).some((f) => f.size > most);
    input.setCustomValidity(tooBig ? (input.dataset.maxText ?? "") : "");
    if (tooBig) input.reportValidity();
  });
}

// Leaving a form that was filled in asks first.
function guard(form: HTMLFormElement): void {
  if (form.method !== "post") return;
  form.addEventListener("input", () => (changed = true));
}

for (const form of all<HTMLFormElement>("form[data-form]")) {
  once(form);
  guard(form);
}
for (const area of all<HTMLTextAreaElement>("textarea[data-count]")) countDown(area);
for (const input of all<HTMLInputElement>("input[type=file][data-max]")) checkSize(input);
window.addEventListener("beforeunload", (e) => {
  if (changed) e.preventDefault();
});
