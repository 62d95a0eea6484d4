// @ts-check
// Journeys through Ceiba in a real browser: starts bin/ceiba with a fresh
// demonstration on a free loopback port, walks every journey of journeys/ in
// every variant it names (width, with and without JavaScript, language), and
// ends both. See journeys/README.md for how to write one.
//
//   node run.mjs [JOURNEY…]     all journeys, or those whose name begins so
//
// E2E_URL uses a running site instead of starting one; E2E_VARIANT, such as
// "360 js en", keeps to the variants that match; CEIBA_CHROMIUM names the browser.

import { readdir } from 'node:fs/promises';
import { launch } from './lib/browser.mjs';
import { startSite } from './lib/site.mjs';
import { Walk } from './lib/walk.mjs';

/** @typedef {{ width: number, height: number, js: boolean, lang: 'en' | 'es' }} Variant */
/** @typedef {{ name: string, variants?: Variant[], workers?: boolean, run: (walk: Walk) => Promise<void> }} Journey */

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
	const walk = await Walk.begin(browser, url, `${journey.name} ${nameOf(variant)}`, variant, journey.workers);
	try {
		await journey.run(walk);
	} catch (e) {
		walk.complain(String(e instanceof Error ? e.message : e).split('Browser logs:')[0]);
		await walk.shot('failed').catch(() => {});
	}
	await walk.end();
	return walk.complaints;
}

async function main() {
	const all = await journeys();
	const browser = await launch();
	const running = process.env.E2E_URL ? { url: process.env.E2E_URL, stop: async () => {} } : await startSite().catch((e) => e);
	if (running instanceof Error) {
		await browser.close();
		throw running;
	}
	const site = running;
	let passed = 0;
	let failed = 0;
	const stop = async () => {
		await browser.close().catch(() => {});
		await site.stop();
	};
	process.once('SIGTERM', () => stop().then(() => process.exit(1)));
	try {
		for (const journey of all) {
			for (const variant of journey.variants ?? everyVariant) {
				const only = process.env.E2E_VARIANT;
				if (only && !nameOf(variant).includes(only)) continue;
				const start = Date.now();
				const complaints = await walkOnce(journey, variant, browser, site.url);
				const line = `${journey.name} (${nameOf(variant)}) ${((Date.now() - start) / 1000).toFixed(1)} s`;
				if (complaints.length === 0) {
					passed++;
					console.log(`ok    ${line}`);
					continue;
				}
				failed++;
				console.log(`FAIL  ${line}`);
				for (const c of complaints.slice(0, 20)) console.log(`      ${c.replaceAll('\n', '\n      ')}`);
				if (complaints.length > 20) console.log(`      … and ${complaints.length - 20} more`);
			}
		}
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
