// @ts-check
// A resident says something and reports an error on a page; a moderator hides
// the one and settles the other, and the resident reads why.

import { signIn } from '../lib/roles.mjs';
import { send } from './publisher.mjs';

/**
 * The discussion lets one person say only so much in a minute, so the eight
 * variants do not all speak.
 * @param {import('../lib/walk.mjs').Walk} walk
 */
async function hide(walk) {
	const page = walk.page;
	const words = `Made-up words of the journey ${walk.name}`;
	await signIn(walk, 'resident');
	await walk.visit('/datasets');
	await Promise.all([page.waitForEvent('load'), page.locator('main a[href^="/dataset/"]').first().click()]);
	const dataset = new URL(page.url()).pathname;
	await page.locator('form[action$="/comment"] [name=text]').fill(words);
	await send(walk, 'form[action$="/comment"]');

	await signIn(walk, 'moderator');
	await walk.visit(dataset);
	const said = page.locator('[id^="c-"]', { hasText: words }).last();
	await Promise.all([page.waitForEvent('load'), said.locator('a[href^="/moderation/comment/"]').click()]);
	await walk.see(words);
	await page.locator('[name=outcome][value=hidden]').check();
	const form = page.locator('form[action^="/moderation/comment/"]');
	await form.evaluate((f) => /** @type {HTMLFormElement} */ (f).setAttribute('novalidate', ''));
	await form.locator('button[type=submit]').last().click();
	await walk.page.locator('[role=alert]').first().waitFor(); // no rule, no reason
	await walk.check({ again: true });
	await page.locator('[name=rule]').selectOption('5');
	await page.locator('[name=reason]').fill('It is only an example.');
	await send(walk, 'form[action^="/moderation/comment/"]');
	await walk.visit(dataset);
	if (await page.getByText(words).count()) walk.complain('what was hidden can still be read by a moderator as if it were not');

	await signIn(walk, 'resident');
	await walk.visit('/moderation/mine');
	await walk.see('It is only an example.');
}

export default {
	name: 'moderator',
	/** @param {import('../lib/walk.mjs').Walk} walk */
	async run(walk) {
		const page = walk.page;
		const { js, lang, width } = walk.variant;
		if (js === (lang === 'en') && js === (width < 600)) await hide(walk);
		await walk.visit('/report-error?page=/datasets');
		await page.locator('[name=message]').fill(`A made-up fault, reported by the journey ${walk.name}`);
		await send(walk, 'form[action="/report-error"]');

		await signIn(walk, 'moderator');
		await walk.visit('/moderation');
		await walk.see(`reported by the journey ${walk.name}`);
		await walk.shot('desk');
		const item = page.locator('form[action*="/moderation/report/"]');
		const before = await item.count();
		if (!before) {
			walk.complain('no report waits');
			return;
		}
		await Promise.all([page.waitForEvent('load'), item.first().locator('button[type=submit]').click()]);
		walk.expectStatus(200);
		const after = await page.locator('form[action*="/moderation/report/"]').count();
		if (after !== before - 1) walk.complain(`${before} reports waited, and after one was settled ${after}`);
		await walk.check({ again: true });
	},
};
