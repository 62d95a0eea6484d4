// @ts-check
// What every page must be: without fault for axe, no wider than a phone, with
// targets that a thumb can hit, titled, and in the language that was asked for.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** WCAG 2.2 AA and axe's own good practice; target-size is off unless asked for. */
const axeOptions = {
	runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
	rules: { 'target-size': { enabled: true } },
	resultTypes: ['violations'],
	preload: false,
};

/**
 * A place beside the page's own scripts, as browser extensions have: neither a
 * strict Content-Security-Policy nor switched-off JavaScript reaches it.
 */
class Bench {
	/** @param {import('playwright-core').CDPSession} session @param {number} world */
	constructor(session, world) {
		this.session = session;
		this.world = world;
	}

	/** @param {import('playwright-core').Page} page */
	static async beside(page) {
		const session = await page.context().newCDPSession(page);
		const { frameTree } = await session.send('Page.getFrameTree');
		const { executionContextId } = await session.send('Page.createIsolatedWorld', {
			frameId: frameTree.frame.id, worldName: 'ceiba checks',
		});
		return new Bench(session, executionContextId);
	}

	/** @param {string} expression */
	async evaluate(expression) {
		const { result, exceptionDetails } = await this.session.send('Runtime.evaluate', {
			expression, contextId: this.world, awaitPromise: true, returnByValue: true, timeout: 30000,
		});
		if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
		return result.value;
	}
}

/**
 * A page that leads on by itself may do so in the midst of the checks: then the
 * page it led to is looked at.
 * @param {import('playwright-core').Page} page @param {import('../run.mjs').Variant} variant
 * @returns {Promise<string[]>} what is wrong with the page
 */
export async function faultsOf(page, variant) {
	for (let more = 3; ; more--) {
		const bench = await Bench.beside(page);
		try {
			return [...await shape(bench, variant), ...await axe(bench), ...await narrow(page, bench, variant)];
		} catch (err) {
			if (more === 0 || !/context|navigated/i.test(String(err))) throw err;
			await page.waitForLoadState('load');
		} finally {
			await bench.session.detach().catch(() => {});
		}
	}
}

/**
 * Where JavaScript is off timers never fire, and axe yields by timers: it gets
 * some that fire at once.
 * @param {Bench} bench
 */
async function axe(bench) {
	await bench.evaluate(`globalThis.setTimeout = (f, ms, ...args) => (queueMicrotask(() => f(...args)), 0); undefined`);
	await bench.evaluate(`${axeSource}; undefined`);
	const violations = await bench.evaluate(`axe.run(document, ${JSON.stringify(axeOptions)}).then((r) => r.violations.map((v) => ({
		id: v.id, help: v.help, nodes: v.nodes.slice(0, 3).map((n) => n.target.join(' ') + ' ' + (n.any[0] || n.all[0] || n.none[0] || {}).message), more: v.nodes.length - 3,
	})))`);
	return violations.map((/** @type {any} */ v) =>
		`axe ${v.id}: ${v.help}\n  ${v.nodes.join('\n  ')}${v.more > 0 ? `\n  and ${v.more} more` : ''}`);
}

/**
 * Language, title, one heading, and controls of at least 24 px.
 * @param {Bench} bench @param {import('../run.mjs').Variant} variant
 */
async function shape(bench, variant) {
	const seen = await bench.evaluate(`({
		html: document.contentType === 'text/html',
		path: location.pathname, lang: document.documentElement.lang, title: document.title.trim(), h1: document.querySelectorAll('h1').length,
		small: [...document.querySelectorAll('button, select, textarea, summary, input:not([type=hidden]):not([type=checkbox]):not([type=radio])')]
			.filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest('[inert]'))
			.map((e) => ({ e, r: e.getBoundingClientRect() }))
			.filter(({ r }) => r.width > 1 && (r.width < 24 || r.height < 24))
			.slice(0, 3).map(({ e, r }) => e.outerHTML.slice(0, 80) + ' ' + Math.round(r.width) + 'x' + Math.round(r.height)),
	})`);
	const faults = [];
	if (!seen.html) return [];
	if (seen.lang.slice(0, 2) !== variant.lang) faults.push(`lang="${seen.lang}", not ${variant.lang}`);
	if (!seen.title) faults.push('no title');
	// The living page shows every component, also those that bring a heading of their own.
	if (seen.h1 !== 1 && seen.path !== '/design') faults.push(`${seen.h1} h1 headings, not one`);
	for (const s of seen.small) faults.push(`smaller than 24 px: ${s}`);
	return faults;
}

/**
 * At 320 px nothing may need sideways scrolling, save what scrolls inside
 * itself.
 * @param {import('playwright-core').Page} page @param {Bench} bench
 * @param {import('../run.mjs').Variant} variant
 */
async function narrow(page, bench, variant) {
	if (variant.width > 600) return [];
	await page.setViewportSize({ width: 320, height: variant.height });
	const wide = await bench.evaluate(`(() => {
		const over = document.scrollingElement.scrollWidth - document.documentElement.clientWidth;
		if (over <= 0) return null;
		const who = [...document.body.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1);
		return over + ' px: ' + who.slice(0, 3).map((e) => e.outerHTML.slice(0, 90)).join(' | ');
	})()`);
	await page.setViewportSize({ width: variant.width, height: variant.height });
	return wide ? [`scrolls sideways at 320 px by ${wide}`] : [];
}
