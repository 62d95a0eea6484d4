// @ts-check
// A resident in Toledo says on a phone, in Spanish, what the next plan should
// promise, without an account, and keeps the receipt; the office answers; months
// later the resident reads with the receipt what became of it, opens the promise
// it changed, and sees what of it is done, late, or met with silence by then.

import { signIn } from '../lib/roles.mjs';
import { appears, send } from './publisher.mjs';

/** The promise that an answer names. */
const promise = '/commitment/demonstration-every-village-sees-its-drains-repaired';

/** The call of the demonstration. */
const call = '/call/demonstration-what-should-the-next-plan-promise';

export default {
	name: 'resident',
	own: true,
	variants: [
		{ width: 360, height: 740, js: true, lang: 'es' }, { width: 360, height: 740, js: false, lang: 'es' },
		{ width: 1280, height: 900, js: true, lang: 'en' },
	],
	/** @param {import('../lib/walk.mjs').Walk} walk */
	async run(walk) {
		const page = walk.page;
		await walk.visit('/take-part');
		await walk.shot('take-part');
		await page.locator(`a[href^="/call/"]`).first().click();
		await page.waitForLoadState('load');
		await walk.visit(call);

		// Nothing said: the form says so.
		const form = 'form:has(textarea[name=text])';
		await page.locator(form).first().evaluate((f) => /** @type {HTMLFormElement} */ (f).setAttribute('novalidate', ''));
		await page.locator(`${form} button[type=submit]`).last().click();
		await appears(walk, '[role=alert]');
		await walk.check({ again: true });

		const mark = walk.name.replace(/\W/g, ''); // one word, by which the desk finds it
		const said = `El camino a la escuela se inunda (${mark}).`;
		await page.locator('[name=kind]').first().check();
		await page.locator('[name=text]').fill(said);
		await page.locator('select[name=district]').first().selectOption('BZ-TOL');
		await page.locator('[name=naming][value=pseudonym]').check();
		await page.locator('[name=name]').fill('Vecina');
		await Promise.all([page.waitForEvent('load'), page.locator(`${form} button[type=submit]`).last().click()]);
		if (await page.locator('input[name=confirm]').count()) {
			// Somebody said much the same: the form shows it, and asks whether this is to be said too.
			await walk.see('El camino a la escuela se inunda');
			await walk.check({ again: true });
			await Promise.all([page.waitForEvent('load'), page.locator(`${form} button[type=submit]`).last().click()]);
		}
		await walk.check({ again: true });
		const code = /\b[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}\b/.exec(await page.locator('main').innerText())?.[0];
		if (!code) throw new Error('no receipt is shown');
		await walk.shot('receipt');

		// The office answers.
		await signIn(walk, 'secretariat');
		await walk.visit(`${call}/desk?q=${mark}`);
		const ticks = page.locator('input[name=input]');
		if ((await ticks.count()) !== 1) walk.complain(`the desk finds ${await ticks.count()} inputs, not 1`);
		await ticks.first().check();
		await Promise.all([page.waitForEvent('load'), page.locator('button[name=do][value=answer]').first().click()]);
		await walk.check({ again: true });
		await page.locator('[name=outcome][value=partly]').check();
		await page.locator('[name=reason]').fill('Too short.');
		await page.locator('form:has([name=outcome]) button[type=submit]').last().click();
		await appears(walk, '[role=alert]');
		await walk.check({ again: true });
		await page.locator('[name=reason]').fill('The road to the school is among those that are repaired first, as floods close it for weeks each year. A bridge costs more than this plan has, and the ministry will say by June what it would take to build one with the village council.');
		await page.locator('[name=changed]').fill(promise);
		await send(walk, 'form:has([name=outcome])');
		await walk.shot('answered');

		// Ten months later: whoever has the receipt reads it, wherever they are.
		await walk.pass(300);
		await walk.context.clearCookies();
		await walk.context.addCookies([{ name: 'ceiba_lang', value: walk.variant.lang, url: walk.url }]);
		await walk.visit('/receipt');
		await page.locator('[name=code]').fill(code.toLowerCase());
		await Promise.all([page.waitForEvent('load'), page.locator('form:has([name=code]) button[type=submit]').last().click()]);
		await walk.see(said);
		await walk.see('The road to the school');
		await walk.check({ again: true });
		await walk.shot('story');
		await page.locator(`main a[href="${promise}"]`).first().click();
		await page.waitForLoadState('load');
		await walk.check({ again: true });
		await walk.shot('promise');
		await walk.see({ en: 'late', es: 'atrasado' });
		await walk.see(walk.say({ en: /nothing said/i, es: /nada desde/i }));
	},
};
