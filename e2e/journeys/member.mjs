// @ts-check
// Somebody from civil society is nominated for a seat of a forum and elected by
// the organisations of their sector, in secret; stays out of a decision in which
// they have an interest; and votes in another. Months pass on the way.

import { signIn } from '../lib/roles.mjs';

/** @typedef {import('../lib/walk.mjs').Walk} Walk */

const forum = '/forum/demonstration-open-government-forum-of-cayo';

/** Fills in a date of three fields. @param {Walk} walk @param {string} form @param {string} name @param {string} day */
async function date(walk, form, name, day) {
	const [y, m, d] = day.split('-').map((n) => String(Number(n)));
	for (const [part, value] of [['year', y], ['month', m], ['day', d]]) await walk.page.locator(`${form} [name="${name}.${part}"]`).fill(value);
}

/** Unfolds the form if it is folded. @param {Walk} walk @param {string} form */
async function unfold(walk, form) {
	const folded = walk.page.locator(`details:has(${form}):not([open]) > summary`);
	if (await folded.count()) await folded.first().click();
}

/** Sends a form and checks the page that comes. @param {Walk} walk @param {string} form */
async function save(walk, form) {
	await unfold(walk, form);
	await Promise.all([walk.page.waitForEvent('load'), walk.page.locator(`${form} button[type=submit]`).last().click()]);
	walk.expectStatus(200);
	await walk.check({ again: true });
}

/** Follows a link and checks the page it leads to. @param {Walk} walk @param {string} selector */
async function follow(walk, selector) {
	await Promise.all([walk.page.waitForEvent('load'), walk.page.locator(selector).first().click()]);
	walk.expectStatus(200);
	await walk.check();
}

/** Looks at a page until the clock's jobs did their work. @param {Walk} walk @param {string} path @param {{ en: string, es: string }} words */
async function until(walk, path, words) {
	const said = walk.page.locator('main').getByText(String(walk.say(words))).locator('visible=true').first();
	for (let i = 0; i < 20; i++) {
		await walk.page.goto(path);
		if (await said.count()) break;
		await walk.page.waitForTimeout(1000);
	}
	if (!(await said.count())) walk.complain(`does not show ${walk.say(words)}`);
	await walk.check({ again: true });
}

/** The office appoints somebody. @param {Walk} walk @param {string} seat @param {string} org @param {string} account */
async function appoint(walk, seat, org, account) {
	const form = 'form[action$="/appoint"]';
	await unfold(walk, form);
	await walk.page.locator(`${form} select[name=seat]`).selectOption({ label: seat });
	await walk.page.locator(`${form} select[name=org]`).selectOption({ label: org });
	await walk.page.locator(`${form} [name=member_name]`).fill(account);
	await walk.page.locator(`${form} [name=account]`).fill(account);
	await date(walk, form, 'starts', walk.day());
	await walk.page.locator(`${form} [name=filled]`).first().check();
	await walk.page.locator(`${form} [name=instrument]`).fill('A letter');
	await save(walk, form);
}

/**
 * The office adds a seat, fills one of government, and calls for nominations to
 * another.
 * @param {Walk} walk @returns {Promise<string>} the call
 */
async function callFor(walk) {
	const page = walk.page;
	await signIn(walk, 'secretariat');
	await walk.visit(forum);
	await follow(walk, `main a[href="${forum}/seats"]`);
	let form = 'form[action$="/seats"]';
	await unfold(walk, form);
	await page.locator(`${form} [name=seat_name]`).fill('Civil society 2');
	await page.locator(`${form} select[name=sector]`).selectOption('civil_society');
	await save(walk, form);
	await appoint(walk, 'Government 1', 'Demonstration Ministry of Works', 'Demo official');

	await walk.visit(`${forum}/calls`);
	form = 'form[action$="/calls"]';
	await page.locator(`${form} select[name=seat]`).selectOption({ label: 'Civil society 1' });
	await page.locator(`${form} [name=criteria]`).fill('Works in villages of Cayo.');
	await date(walk, form, 'closes', walk.day(22));
	await save(walk, form);
	return String(await page.locator('main a[href^="/forum-call/"]').first().getAttribute('href'));
}

/** An organisation stands for the seat. @param {Walk} walk @param {string} call @param {string} role */
async function stand(walk, call, role) {
	await signIn(walk, role);
	await walk.visit(forum);
	await follow(walk, `main a[href="${forum}/calls"]`);
	await follow(walk, `main a[href="${call}"]`);
	const form = 'form[action$="/nominate"]';
	await walk.page.locator(`${form} select[name=org]`).selectOption({ index: 1 });
	await walk.page.locator(`${form} [name=member_name]`).fill(`Demo ${role}`);
	await walk.page.locator(`${form} [name=self]`).check();
	await walk.page.locator(`${form} [name=statement]`).fill('We ask in every village.');
	await save(walk, form);
}

/** The office judges who stands, and declares the election. @param {Walk} walk @param {string} call @returns {Promise<string>} the poll */
async function declare(walk, call) {
	await signIn(walk, 'secretariat');
	await walk.visit(call);
	for (const n of [0, 1]) {
		const form = walk.page.locator('form[action$="/judge"]').nth(n);
		await walk.page.locator('details:has(form[action$="/judge"])').nth(n).locator('summary').click();
		await form.locator('[name=eligible][value=yes]').check();
		await Promise.all([walk.page.waitForEvent('load'), form.locator('button[type=submit]').click()]);
	}
	await walk.page.locator('[name=days]').fill('2');
	await save(walk, 'form[action$="/elect"]');
	return String(await walk.page.locator('main a[href^="/poll/"]').first().getAttribute('href'));
}

/** Votes for the first choice and keeps the receipt. @param {Walk} walk @param {string} poll @param {string} role */
async function elect(walk, poll, role) {
	await signIn(walk, role);
	await walk.visit(poll);
	await walk.page.locator('form[action$="/vote"] [name=choices]').first().check();
	await save(walk, 'form[action$="/vote"]');
	await walk.shot('receipt');
	return String(await walk.page.locator('main a[href*="/receipt?code="]').first().getAttribute('href'));
}

/** The office announces a meeting with two matters. @param {Walk} walk @returns {Promise<{ meeting: string, matters: string[] }>} */
async function announce(walk) {
	const page = walk.page;
	await signIn(walk, 'secretariat');
	await walk.visit(forum);
	await follow(walk, 'main a[href^="/meetings/new"]');
	await page.locator('[name=title]').fill('Meeting in San Ignacio');
	await page.locator('[name=purpose]').first().check();
	await date(walk, 'form[action="/meetings"]', 'day', walk.day(8));
	await page.locator('[name=from]').fill('00:30');
	await page.locator('[name=to]').fill('23:30');
	await page.locator('[name=venue]').fill('Town hall');
	await page.locator('[name=notice]').fill('Two matters.');
	await save(walk, 'form[action="/meetings"]');
	const meeting = new URL(page.url()).pathname.replace(/\/agenda$/, '');
	const matters = [];
	for (const title of ['Which villages come first', 'A radio hour each month']) {
		await walk.visit(`${forum}/decisions`);
		const form = 'form[action$="/decisions"]';
		await page.locator(`${form} [name=title]`).fill(title);
		await page.locator(`${form} [name=text]`).fill('As the paper says.');
		await page.locator(`${form} select[name=meeting]`).selectOption({ index: 1 });
		await save(walk, form);
		matters.push(String(await page.locator('main a[href^="/decision/"]', { hasText: title }).first().getAttribute('href')));
	}
	return { meeting, matters };
}

export default {
	name: 'member',
	own: true,
	variants: [{ width: 360, height: 740, js: true, lang: 'en' }],
	/** @param {Walk} walk */
	async run(walk) {
		const page = walk.page;
		const call = await callFor(walk);
		await stand(walk, call, 'member');
		await stand(walk, call, 'member2');
		await walk.pass(23);
		const poll = await declare(walk, call);
		await elect(walk, poll, 'member2');
		const receipt = await elect(walk, poll, 'member');
		await walk.visit(receipt);
		await walk.pass(3); // closed and counted
		await until(walk, poll, { en: 'Result', es: 'Resultado' });
		await walk.visit(receipt);
		await walk.see({ en: 'Your ballot is counted', es: 'Su papeleta está contada' });
		await walk.shot('counted');
		await walk.pass(4); // nobody objected
		await until(walk, `${forum}/seats`, { en: 'Demo member', es: 'Demo member' });
		await walk.shot('elected');

		// Who was not elected gets the other seat; before, nobody could have stood for two.
		await signIn(walk, 'secretariat');
		await walk.visit(`${forum}/seats`);
		await appoint(walk, 'Civil society 2', 'Demonstration Union of Farmers', 'Demo member2');

		const { meeting, matters: [villages, radio] } = await announce(walk);
		await signIn(walk, 'member');
		await walk.visit(villages);
		await follow(walk, 'main a[href*="/interests?decision="]');
		await page.locator('[name=interest]').fill('My own village is on the list.');
		await save(walk, 'form[action$="/interests"]');
		await walk.visit(villages);
		await walk.see({ en: 'is recused and does not count', es: 'se recusa y no cuenta' });
		await walk.shot('recused');

		// The meeting: both came, and there is no consensus.
		await walk.pass(8);
		await signIn(walk, 'secretariat');
		await walk.visit(`${meeting}/attendance`);
		for (const box of await page.locator('input[name^="state."][value=here]').all()) await box.check();
		await save(walk, 'form[action$="/attendance"]');
		for (const matter of [villages, radio]) {
			await walk.visit(matter);
			await page.locator('[name=hours]').fill('24');
			await save(walk, 'form[action$="/vote"]');
		}
		await signIn(walk, 'member');
		await walk.visit(villages);
		await walk.see({ en: 'is recused and does not count', es: 'se recusa y no cuenta' });
		await follow(walk, 'main a[href^="/poll/"]');
		if (await page.locator('form[action$="/vote"]').count()) walk.complain('who is recused may vote');
		await walk.shot('no vote');
		for (const role of ['official', 'member']) {
			await signIn(walk, role);
			await walk.visit(radio);
			await follow(walk, 'main a[href^="/poll/"]');
			await page.locator('form[action$="/vote"] [name=choices][value=yes]').check();
			await save(walk, 'form[action$="/vote"]');
		}
		const vote = new URL(page.url()).pathname;
		await walk.shot('voted');
		await walk.pass(2);
		await until(walk, vote, { en: 'Demo member', es: 'Demo member' });
		await walk.shot('public list');
		await walk.pass(4);
		await until(walk, radio, { en: 'Adopted', es: 'Aprobada' });
	},
};
