// @ts-check
// Journeys through Ceiba in a real browser: starts bin/ceiba with a fresh
// demonstration on a free loopback port, walks every journey of journeys/ in
// every variant it names (width, with and without JavaScript, language), and
// ends all of it. See journeys/README.md for how to write one.
//
//   node run.mjs [JOURNEY…]     all journeys, or those whose name begins so
//
// Two sites are walked at once, each by the journeys that it takes from the list
// (E2E_LANES: another number). A journey that is `own` gets one to itself, as it moves
// its clock. E2E_URL uses a running site instead; E2E_VARIANT, such
// as "360 js en", keeps to the variants that match; CEIBA_CHROMIUM names the browser.

import { readdir } from 'node:fs/promises';
import { launch } from './lib/browser.mjs';
import { startSite } from './lib/site.mjs';
import { Walk } from './lib/walk.mjs';

/** @typedef {{ width: number, height: number, js: boolean, lang: 'en' | 'es' }} Variant */
/** @typedef {{ name: string, variants?: Variant[], workers?: boolean, own?: boolean, run: (walk: Walk) => Promise<void> }} Journey */

/** @type {Variant[]} */
const everyVariant = [];
for (const [width, height] of [[360, 740], [1280, 900]]) {
	for (const js of [true, false]) {
		for (const lang of /** @type {const} */ (['en', 'es'])) everyVariant.push({ width, height, js, lang });
	}
}

/** @param {Variant} v */
const nameOf = (v) => `${v.width} ${v.js ? 'js' : 'no-js'} ${v.lang}`;

/** @returns {Promise<Journey[]>} */
async function journeys() {
	const wanted = process.argv.slice(2);
	const here = new URL('./journeys/', import.meta.url);
	const found = [];
	for (const file of (await readdir(here)).filter((f) => f.endsWith('.mjs')).sort()) {
		const { default: journey } = await import(new URL(file, here).href);
		if (!wanted.length || wanted.some((w) => journey.name.startsWith(w))) found.push(journey);
	}
	return found;
}

/**
 * @param {Journey} journey @param {Variant} variant
 * @param {import('playwright-core').Browser} browser @param {string} url
 * @returns {Promise<string[]>} what was wrong
 */
async function walkOnce(journey, variant, browser, url) {
	const site = journey.own ? await startSite() : null;
	if (site) sites.push(site);
	const walk = await Walk.begin(browser, site?.url ?? url, `${journey.name} ${nameOf(variant)}`, variant, journey.workers);
	walk.site = site;
	try {
		await journey.run(walk);
	} catch (e) {
		walk.complain(String(e instanceof Error ? e.message : e).split('Browser logs:')[0]);
		await walk.shot('failed').catch(() => {});
	}
	await walk.end();
	await site?.stop();
	return walk.complaints;
}

/** How many sites are walked at once: more wait for one another on two cores. */
const lanes = process.env.E2E_URL ? 1 : Math.max(1, Number(process.env.E2E_LANES ?? 2));

let passed = 0;
let failed = 0;

/** @param {string} line @param {string[]} complaints */
function tell(line, complaints) {
	if (complaints.length === 0) {
		passed++;
		console.log(`ok    ${line}`);
		return;
	}
	failed++;
	console.log(`FAIL  ${line}`);
	for (const c of complaints.slice(0, 20)) console.log(`      ${c.replaceAll('\n', '\n      ')}`);
	if (complaints.length > 20) console.log(`      … and ${complaints.length - 20} more`);
}

/** @param {Journey} journey @param {import('playwright-core').Browser} browser @param {string} url */
async function walkVariants(journey, browser, url) {
	for (const variant of journey.variants ?? everyVariant) {
		const only = process.env.E2E_VARIANT;
		if (only && !nameOf(variant).includes(only)) continue;
		const start = Date.now();
		const complaints = await walkOnce(journey, variant, browser, url);
		tell(`${journey.name} (${nameOf(variant)}) ${((Date.now() - start) / 1000).toFixed(1)} s`, complaints);
	}
}

/**
 * Walks journeys of one list on a site of its own until none is left, so that
 * no journey sees what another lane's did.
 * @param {Journey[]} waiting @param {import('playwright-core').Browser} browser
 */
async function lane(waiting, browser) {
	const site = process.env.E2E_URL ? { url: process.env.E2E_URL, stop: async () => {} } : await startSite();
	sites.push(site);
	for (let journey = waiting.shift(); journey; journey = waiting.shift()) await walkVariants(journey, browser, site.url);
}

/** @type {{ stop: () => Promise<void> }[]} */
const sites = [];

async function main() {
	const waiting = await journeys();
	const browser = await launch();
	const stop = async () => {
		await browser.close().catch(() => {});
		await Promise.all(sites.map((s) => s.stop()));
	};
	process.once('SIGTERM', () => stop().then(() => process.exit(1)));
	try {
		await Promise.all(Array.from({ length: Math.min(lanes, waiting.length) }, () => lane(waiting, browser)));
	} finally {
		await stop();
	}
	if (passed + failed === 0) {
		console.log('no journey matches');
		failed++;
	}
	console.log(`${passed} passed, ${failed} failed`);
	process.exitCode = failed ? 1 : 0;
}

await main();
