// @ts-check
// A journalist without an account goes from a promise to who asked for it, looks
// how the process stood on a day, takes the evidence home, and checks it there,
// where neither this site nor a network is.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { binary } from '../lib/site.mjs';
import { send } from './publisher.mjs';

/** @typedef {import('../lib/walk.mjs').Walk} Walk */

const promise = '/commitment/demonstration-a-clinic-says-when-it-is-open';

/** Follows a link and checks the page it leads to. @param {Walk} walk @param {import('playwright-core').Locator} link */
async function follow(walk, link) {
	await Promise.all([walk.page.waitForEvent('load'), link.first().click()]);
	walk.expectStatus(200);
	await walk.check();
}

/** From the promise to the words of whoever asked for it. @param {Walk} walk */
async function whoAsked(walk) {
	await walk.visit(promise);
	await follow(walk, walk.page.locator('main a[href^="/input/"]'));
	await walk.see('viajamos tres horas');
	await walk.see({ en: 'Toledo', es: 'Toledo' });
	await walk.shot('who asked');
	await follow(walk, walk.page.locator(`main a[href="${promise}"]`));
}

/** How the process stood on a day; the evidence of its first rule. @param {Walk} walk @param {string} file */
async function evidence(walk, file) {
	const page = walk.page;
	await follow(walk, page.locator('.crumbs a[href^="/plan/"]'));
	await follow(walk, page.locator('main a[href$="/requirements"]'));
	const day = walk.day(-20).split('-').map(Number);
	for (const [i, part] of ['year', 'month', 'day'].entries()) await page.locator(`[name="on.${part}"]`).fill(String(day[i]));
	await send(walk, 'form[action$="/requirements"]');
	await walk.see(walk.say({ en: /as of/i, es: /^al /i }));
	await walk.shot('as of a day');
	const link = page.locator('main a[href*="/pack.zip"]').first();
	if (!(await link.getAttribute('href'))?.includes(walk.day(-20))) walk.complain('the evidence is not of the day that was asked for');
	const [got] = await Promise.all([page.waitForEvent('download'), link.click()]);
	await got.saveAs(file);
}

/** Asks the program, in a process of its own. @param {string} file */
function verify(file) {
	return promisify(execFile)(binary, ['verify', '--pack', file], { cwd: tmpdir() }).then(
		({ stdout }) => ({ ok: true, said: stdout }), (e) => ({ ok: false, said: String(e.stderr ?? e) }));
}

export default {
	name: 'journalist',
	own: true,
	variants: [{ width: 360, height: 740, js: false, lang: 'es' }],
	/** @param {Walk} walk */
	async run(walk) {
		const home = await mkdtemp(join(tmpdir(), 'ceiba-journalist-'));
		try {
			await walk.pass(40);
			await whoAsked(walk);
			const file = join(home, 'evidence.zip');
			await evidence(walk, file);

			await walk.site?.halt(); // the site is gone: what is on the disk must do
			const good = await verify(file);
			if (!good.ok) walk.complain(`what the site gave out is refused: ${good.said}`);
			const bytes = await readFile(file);
			bytes[bytes.length >> 1] ^= 1;
			await writeFile(file, bytes);
			const bad = await verify(file);
			if (bad.ok) walk.complain(`one changed byte was not noticed: ${bad.said}`);
		} finally {
			await rm(home, { recursive: true, force: true });
		}
	},
};
