// @ts-check
// The office that leads the process takes a plan from its timeline to delivery;
// then the ministry reports on a milestone, first too well, then not saying what
// stands in the way, then honestly.

import { signIn } from '../lib/roles.mjs';
import { appears, send } from './publisher.mjs';

/** @typedef {import('../lib/walk.mjs').Walk} Walk */

/** A civil day some days from now, as year, month, day. @param {number} days */
function day(days) {
	const d = new Date(Date.now() + days * 86400e3);
	return [d.getUTCFullYear(), d.getUTCMonth() + 1, d.getUTCDate()].map(String);
}

/** Fills in a date of three fields. @param {Walk} walk @param {string} name @param {string[]} ymd */
async function date(walk, name, ymd) {
	for (const [i, part] of ['year', 'month', 'day'].entries()) await walk.page.locator(`[name="${name}.${part}"]`).fill(ymd[i]);
}

/** Unfolds the form of a step and sends it. @param {Walk} walk @param {string} form @param {string} [reason] */
async function step(walk, form, reason) {
	const folded = walk.page.locator(`details:has(${form}):not([open]) > summary`);
	if (await folded.count()) await folded.first().click();
	if (reason) await walk.page.locator(`${form} [name=reason]`).fill(reason);
	await Promise.all([walk.page.waitForEvent('load'), walk.page.locator(`${form} button[type=submit]`).last().click()]);
	await walk.check({ again: true });
}

/** @param {string} to */
const move = (to) => `form[action$="/move"]:has(input[name=to][value=${to}])`;

/** Chooses the last of a list. @param {Walk} walk @param {string} select */
async function last(walk, select) {
	const s = walk.page.locator(select);
	await s.selectOption({ index: (await s.locator('option').count()) - 1 });
}

/** Makes a plan and publishes its timeline. @param {Walk} walk */
async function begin(walk) {
	const page = walk.page;
	await walk.visit('/plans');
	await walk.visit('/plans/new');
	await page.locator('[name=title]').fill(`Plan ${walk.name}`);
	await page.locator('[name=summary]').fill('Made up by a journey.');
	await page.locator('select[name=org]').selectOption({ label: 'Demonstration Ministry of Works' });
	await date(walk, 'start_date', day(-1));
	await date(walk, 'end_date', day(700));
	await page.locator('[name=contact_email]').fill('plan@example.org');
	await send(walk, 'form[action="/plans"]');
	const plan = page.url();

	await page.locator('a[href$="/timeline"]').first().click();
	await page.waitForLoadState('load');
	await page.locator('form[action$="/timeline"]').evaluate((f) => /** @type {HTMLFormElement} */ (f).setAttribute('novalidate', '')).catch(() => {});
	await page.locator('[name="title.1"]').fill('Problems and ideas');
	await page.locator('[name="kind.1"]').selectOption('ideas');
	await page.locator('[name="how.1"]').fill('On this page');
	await date(walk, 'starts.1', day(20));
	await date(walk, 'ends.1', day(10)); // before it begins
	await page.locator('form[action$="/timeline"] button[type=submit]').last().click();
	await appears(walk, '[role=alert]');
	if ((await page.locator('[name="how.1"]').inputValue()) === '') walk.complain('the timeline forgot what was typed');
	await walk.check({ again: true });
	await date(walk, 'ends.1', day(60));
	await send(walk, 'form[action$="/timeline"]');
	await walk.shot('timeline');
	return plan;
}

/** Drafts a commitment with a milestone until it is agreed. @param {Walk} walk */
async function commit(walk) {
	const page = walk.page;
	await page.locator('a[href$="/commitments/new"]').first().click();
	await page.waitForLoadState('load');
	await walk.check({ again: true });
	await page.locator('[name=title]').fill(`Promise ${walk.name}`);
	await page.locator('[name=state][value=drafting]').check();
	await page.locator('select[name=lead]').selectOption({ label: 'Demonstration Ministry of Works' });
	await page.locator('[name=problem]').fill('Roads flood.');
	await page.locator('[name=solution]').fill('Drains are repaired.');
	await send(walk, 'form[action$="/commitments"]');
	const commitment = page.url();

	// Without a milestone it cannot be agreed, and the page says so.
	await step(walk, 'form[action$="/stage"]:has(input[name=to][value=agreed])');
	await walk.see({ en: 'Add at least one milestone', es: 'Añada al menos un hito' }[walk.variant.lang]);
	await page.locator('a[href$="/milestones"]').first().click();
	await page.waitForLoadState('load');
	await page.locator('[name=title]').fill(`Survey ${walk.name}`);
	await page.locator('[name=output]').fill('The survey is online.');
	await page.locator('form[action$="/milestones"] button[type=submit]').last().click();
	await page.waitForLoadState('load');
	await walk.see(`Survey ${walk.name}`);
	await walk.check({ again: true });
	await walk.visit(new URL(commitment).pathname);
	await step(walk, 'form[action$="/stage"]:has(input[name=to][value=agreed])');
	return new URL(commitment).pathname;
}

export default {
	name: 'secretariat',
	variants: [
		{ width: 360, height: 740, js: true, lang: 'en' }, { width: 360, height: 740, js: false, lang: 'es' },
		{ width: 1280, height: 900, js: true, lang: 'es' }, { width: 1280, height: 900, js: false, lang: 'en' },
	],
	/** @param {Walk} walk */
	async run(walk) {
		const page = walk.page;
		await signIn(walk, 'secretariat');
		const plan = new URL(await begin(walk)).pathname;
		const commitment = await commit(walk);
		await walk.visit(plan);
		for (const to of ['co_creating', 'draft_published', 'responding', 'approved', 'delivered', 'implementing']) await step(walk, move(to));
		await walk.shot('delivered');
		await walk.visit(`${plan}/requirements`);
		await walk.shot('requirements');

		// The ministry claims that all is done, and shows nothing.
		await signIn(walk, 'official');
		await walk.visit(commitment);
		await page.locator('a[href^="/milestone/"]').first().click();
		await page.waitForLoadState('load');
		await walk.check({ again: true });
		const org = page.locator('select[name=org]');
		if (!(await org.inputValue())) await last(walk, 'select[name=org]');
		await page.locator('[name=status][value=complete]').check();
		await page.locator('[name=text]').fill('All is done.');
		await page.locator('form[action$="/report"] button[type=submit]').last().click();
		await appears(walk, '[role=alert]');
		if ((await page.locator('[name=text]').inputValue()) === '') walk.complain('the report forgot what was typed');
		await walk.check({ again: true });
		// “Limited” says what stands in the way.
		await page.locator('[name=status][value=limited]').check();
		await page.locator('form[action$="/report"] button[type=submit]').last().click();
		await page.waitForLoadState('load');
		await appears(walk, '[role=alert] a[href="#f-challenges"]');
		if ((await page.locator('[name=text]').inputValue()) !== 'All is done.' || !(await page.locator('[name=status][value=limited]').isChecked())) walk.complain('the report forgot what was typed');
		await walk.check({ again: true });
		await page.locator('[name=challenges]').fill('The rain.');
		await send(walk, 'form[action$="/report"]');
		await walk.see('All is done.');
		await walk.shot('reported');
	},
};
