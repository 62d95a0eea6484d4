// The map that moves, loaded when a reader asks for it. It lays the server's
// still drawing under pins made from the list beside it, so it needs no tiles
// and works where only this page was fetched. The list stays the first way in:
// pins are buttons in the list's order, and each lights the other.

import * as L from "leaflet";
import { all } from "./part/dom";

// Above this many, pins are drawn and only the list can be walked by keyboard.
const mostButtons = 150;

interface Feature {
  geometry?: { type: string; coordinates: [number, number] };
  properties?: { title?: string; href?: string; tone?: string };
}

function open(section: HTMLElement): void {
  const still = section.querySelector<SVGSVGElement>("[data-still]");
  const [south, west, north, east] = (section.dataset.bounds ?? "").split(",").map(Number);
  if (!still || south === undefined || west === undefined || north === undefined || east === undefined) return;
  const frame = L.latLngBounds([south, west], [north, east]);
  const box = document.createElement("div");
  box.className = "moving";
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", section.querySelector("h2")?.textContent ?? "");
  still.before(box);
  const map = L.map(box, {
    maxBounds: frame.pad(0.5), minZoom: 6, maxZoom: 16, zoomSnap: 0.5,
    preferCanvas: true, attributionControl: false, zoomControl: false,
    fadeAnimation: calm(), zoomAnimation: calm(), markerZoomAnimation: calm(),
  });
  map.fitBounds(frame);
  L.control.zoom({ zoomInTitle: section.dataset.zoomIn, zoomOutTitle: section.dataset.zoomOut }).addTo(map);
  L.control.scale({ imperial: true }).addTo(map);
  ground(map, still, frame);
  const places = all(`[id^="${section.id}-p"][data-lat]`);
  const pins = places.length > mostButtons ? drawn(map, places) : buttons(map, places);
  still.remove();
  if (pins.length) map.fitBounds(L.latLngBounds(pins).pad(0.3), { maxZoom: 12 });
  if (section.dataset.geo) void more(map, section.dataset.geo);
}

function calm(): boolean {
  return !matchMedia("(prefers-reduced-motion: reduce)").matches;
}

// ground puts the outlines of the still map under everything; its projection
// is the map's own.
function ground(map: L.Map, still: SVGSVGElement, frame: L.LatLngBounds): void {
  const land = still.cloneNode(true) as SVGSVGElement;
  land.removeAttribute("class");
  land.setAttribute("aria-hidden", "true");
  land.setAttribute("preserveAspectRatio", "none");
  all("[data-pin]", land).forEach((p) => p.remove());
  all<SVGAElement>("a", land).forEach((a) => a.removeAttribute("href"));
  L.svgOverlay(land, frame, { interactive: false }).addTo(map);
}

function at(place: HTMLElement): L.LatLng {
  return L.latLng(Number(place.dataset.lat), Number(place.dataset.lon));
}

// sign is the pin's drawing: the same shape as on the still map.
function sign(place: HTMLElement): string {
  const pin = document.querySelector(`[data-pin="${place.id}"] svg`);
  return `<svg width="44" height="44" viewBox="-22 -22 44 44" aria-hidden="true"><g class="pin tone-${place.dataset.tone}"><g>${pin?.innerHTML ?? '<circle r="7"/>'}</g></g></svg>`;
}

function buttons(map: L.Map, places: HTMLElement[]): L.LatLng[] {
  return places.map((place) => {
    const link = place.querySelector("a");
    const title = link?.textContent?.trim() ?? place.textContent?.trim() ?? "";
    const icon = L.divIcon({ html: sign(place), className: "pin-button", iconSize: [44, 44] });
    const marker = L.marker(at(place), { icon, title, alt: title, keyboard: true }).addTo(map);
    const pin = marker.getElement();
    pin?.setAttribute("aria-label", title);
    const light = (on: boolean): void => {
      place.classList.toggle("lit", on);
      pin?.classList.toggle("lit-pin", on);
    };
    for (const el of [pin, place]) {
      for (const e of ["focusin", "mouseenter"]) el?.addEventListener(e, () => light(true));
      for (const e of ["focusout", "mouseleave"]) el?.addEventListener(e, () => light(false));
    }
    place.addEventListener("focusin", () => map.panInside(at(place), { padding: [40, 40] }));
    marker.on("click", () => {
      place.scrollIntoView({ block: "nearest", behavior: calm() ? "smooth" : "auto" });
      link?.focus({ preventScroll: true });
    });
    return at(place);
  });
}

function dot(map: L.Map, where: L.LatLng, tone: string, title: string, href: string): void {
  const style = getComputedStyle(document.documentElement);
  const colour = style.getPropertyValue(tone && tone !== "plain" ? "--" + tone : "--action").trim();
  const mark = L.circleMarker(where, { radius: 6, weight: 1.5, color: style.getPropertyValue("--paper").trim(), fillColor: colour, fillOpacity: 1 });
  const label = document.createElement(href ? "a" : "span");
  label.textContent = title;
  if (label instanceof HTMLAnchorElement) label.href = href;
  mark.bindPopup(label).addTo(map);
}

function drawn(map: L.Map, places: HTMLElement[]): L.LatLng[] {
  return places.map((place) => {
    const link = place.querySelector("a");
    dot(map, at(place), place.dataset.tone ?? "", link?.textContent?.trim() ?? "", link?.href ?? "");
    return at(place);
  });
}

// more adds the points that the page did not list.
async function more(map: L.Map, address: string): Promise<void> {
  const answer = await fetch(address);
  if (!answer.ok) return;
  const { features } = (await answer.json()) as { features: Feature[] };
  for (const f of features) {
    if (f.geometry?.type !== "Point") continue;
    const [lon, lat] = f.geometry.coordinates;
    const href = f.properties?.href ?? "";
    dot(map, L.latLng(lat, lon), f.properties?.tone ?? "", f.properties?.title ?? "", /^(\/(?!\/)|https?:)/.test(href) ? href : "");
  }
}

// The page's script marks a map as wanted, fetches this file, and says so.
function openWanted(): void {
  for (const section of all("[data-map][data-wanted]")) {
    delete section.dataset.wanted;
    open(section);
  }
}
document.addEventListener("ceiba:map", openWanted);
