// Live progress: the server's events, and asking again every few seconds where
// they do not arrive (some mobile networks hold them back).

import { all, fill, grouped } from "./dom";

interface State {
  done: number;
  total: number;
  words: string;
  state: string; // going, done or wrong
  href?: string;
}

const everyMillis = 4000;

export function watchProgress(): void {
  for (const box of all("[data-progress]")) watch(box);
}

function watch(box: HTMLElement): void {
  const { stream, poll } = box.dataset;
  let timer = 0;
  let source: EventSource | undefined;
  const over = (s: State): boolean => {
    show(box, s);
    if (s.state === "going" || s.state === "waiting") return false;
    source?.close();
    window.clearTimeout(timer);
    if (s.href) location.assign(s.href);
    else location.reload();
    return true;
  };
  const ask = async (): Promise<void> => {
    if (!poll) return;
    try {
      const answer = await fetch(poll, { headers: { Accept: "application/json" } });
      if (answer.ok && over((await answer.json()) as State)) return;
    } catch {
      // no signal: ask again later
    }
    timer = window.setTimeout(() => void ask(), everyMillis);
  };
  if (!stream || !("EventSource" in window)) {
    void ask();
    return;
  }
  source = new EventSource(stream);
  source.onmessage = (e: MessageEvent<string>) => over(JSON.parse(e.data) as State);
  source.onerror = () => {
    if (!poll) return; // the browser tries the stream again by itself
    source?.close();
    if (!timer) timer = window.setTimeout(() => void ask(), everyMillis);
  };
}

function show(box: HTMLElement, s: State): void {
  const words = box.querySelector<HTMLElement>("[data-words]");
  if (words && s.words && words.textContent !== s.words) words.textContent = s.words;
  const bar = box.querySelector("progress");
  if (bar && s.total > 0) {
    bar.max = s.total;
    bar.value = s.done;
  }
  const sofar = box.querySelector<HTMLElement>("[data-sofar]");
  if (!sofar) return;
  const percent = s.total > 0 ? Math.min(100, Math.floor((100 * s.done) / s.total)) : 0;
  const sentence = (s.total > 0 ? sofar.dataset.of : sofar.dataset.done) ?? "";
  sofar.textContent = fill(sentence, { done: grouped(s.done), total: grouped(s.total), percent: String(percent) });
}
