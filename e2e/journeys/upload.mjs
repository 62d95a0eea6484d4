// @ts-check
// An office sends large files over a line that breaks, with a page that is
// loaded anew, and with a session that ends in the middle; with the plain form
// where there is no script.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Line } from '../lib/line.mjs';
import { demoPage, signIn } from '../lib/roles.mjs';
import { appears, leadsTo, send } from './publisher.mjs';

const file = 'input[type=file]';
const bar = '.sending progress';
const rate = 1_500_000;

/**
 * A table of a few megabytes, under a name as people give them.
 * @param {string} folder @param {string} name @param {number} size
 */
async function tableIn(folder, name, size) {
	const rows = ['village,km,note'];
	for (let i = 0, n = 0; n < size; i++) {
		rows.push(`Belmopan,${i},"Made up: mud and stones at mile ${i}, and more of both further on"`);
		n += rows[rows.length - 1].length + 1;
	}
	const path = join(folder, name);
	await writeFile(path, rows.join('\n') + '\n');
	return path;
}

/** What the page sends to /uploads. */
class Watch {
	/** @param {import('../lib/walk.mjs').Walk} walk */
	constructor(walk) {
		this.walk = walk;
		/** @type {string[]} */
		this.sent = [];
		walk.page.on('request', (r) => {
			if (!new URL(r.url()).pathname.startsWith('/uploads')) return;
			this.sent.push(`${r.method()}${r.method() === 'PATCH' ? ' ' + r.headers()['upload-offset'] : ''}`);
		});
	}

	/** @param {string} what @param {number} begun how many uploads were begun @param {boolean} on whether it went on in the middle */
	expect(what, begun, on) {
		const all = this.sent.splice(0);
		const n = all.filter((x) => x === 'POST').length;
		if (n !== begun) this.walk.complain(`${what}: ${n} uploads were begun, not ${begun}: ${all.join(', ')}`);
		const asked = all.lastIndexOf('HEAD');
		if (on && (asked < 0 || !/^PATCH [1-9]/.test(all[asked + 1] ?? ''))) this.walk.complain(`${what}: did not go on in the middle: ${all.join(', ')}`);
	}
}

/** Waits until a part of the file is on its way. @param {import('../lib/walk.mjs').Walk} walk */
async function underWay(walk, part = 0.3) {
	await walk.page.waitForFunction(([b, p]) => {
		const el = /** @type {HTMLProgressElement | null} */ (document.querySelector(String(b)));
		return el && el.max > 1 && el.value / el.max > Number(p);
	}, [bar, part], { polling: 50 });
}

/** @param {import('../lib/walk.mjs').Walk} walk @param {string} form */
async function pressSend(walk, form) {
	await walk.page.locator(`${form} button[type=submit]`).last().click();
}

/** The names of what this device keeps of uploads. @param {import('../lib/walk.mjs').Walk} walk */
const kept = (walk) => walk.page.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith('ceiba.upload:')));

/** @param {import('../lib/walk.mjs').Walk} walk */
async function newDataset(walk) {
	await walk.visit('/datasets/new');
	await walk.page.locator('[name=title]').fill(`Large files ${walk.name}`);
	const org = walk.page.locator('select[name=org]');
	if (await org.count()) await org.selectOption({ index: (await org.locator('option').count()) - 1 });
	await send(walk, 'form[action="/datasets"]');
	return new URL(walk.page.url()).pathname;
}

/** The line is cut in the middle. @param {import('../lib/walk.mjs').Walk} walk @param {Line} line @param {string} path */
async function overBrokenLine(walk, line, path) {
	const { page } = walk;
	await page.locator(file).setInputFiles(path);
	await line.slow(rate / 4);
	await pressSend(walk, 'form[action$="/add"]');
	await underWay(walk, 0.15);
	await page.locator('[name=title]').fill(`Roads ${walk.name}`); // meanwhile
	await walk.shot('under-way');
	await walk.check({ again: true });
	await line.cut();
	await page.getByText(walk.say({ en: 'No connection. What has arrived is kept', es: 'No hay conexión. Lo que llegó se conserva' })).first().waitFor();
	await walk.shot('cut');
	await line.slow(4 * rate);
	await page.waitForURL(/\/work$/, { timeout: 60000 });
	await line.mend();
	await appears(walk, 'form[action$="/publish"]');
	await walk.see(`Roads ${walk.name}`);
	if ((await kept(walk)).length) walk.complain('keeps the address of an upload that is through');
}

/** Opens what the field is folded in. @param {import('../lib/walk.mjs').Walk} walk */
const unfold = (walk) => walk.page.locator(file).evaluate((el) => {
	const folded = el.closest('details');
	if (folded) folded.open = true;
});

/** The page is loaded anew in the middle. @param {import('../lib/walk.mjs').Walk} walk @param {Line} line @param {string} path @param {string} form */
async function overReload(walk, line, path, form) {
	const { page } = walk;
	await unfold(walk);
	await page.locator(file).setInputFiles(path);
	await line.slow(rate);
	await pressSend(walk, form);
	await underWay(walk, 0.5);
	await page.reload();
	await unfold(walk);
	await page.locator(file).setInputFiles(path);
	await page.getByText(walk.say({ en: 'of this file have arrived before', es: 'Ya llegaron antes' })).first().waitFor();
	await walk.shot('chosen-again');
	await walk.check({ again: true });
	await line.mend();
	await pressSend(walk, form);
	await page.waitForURL(/\/work$/, { timeout: 60000 });
	await appears(walk, 'form[action$="/publish"]');
}

/** The session ends in the middle. @param {import('../lib/walk.mjs').Walk} walk @param {Line} line @param {string} path */
async function overSession(walk, line, path) {
	const { page } = walk;
	await page.locator(file).setInputFiles(path);
	await line.slow(rate);
	await pressSend(walk, 'form[action$="/add"]');
	await underWay(walk);
	walk.allowed = [401];
	await walk.context.clearCookies({ name: 'ceiba_dev' });
	await page.locator('[data-enter]').waitFor();
	await walk.shot('signed-out');
	await line.mend();
	const tab = await walk.context.newPage();
	await tab.goto(demoPage);
	await Promise.all([tab.waitForEvent('load'), tab.locator('button[value=editor], button[data-role=editor]').first().click()]);
	await tab.close();
	await page.bringToFront();
	const on = page.locator('[data-pause]');
	if (await page.locator('[data-enter]').isVisible()) await on.click(); // a browser without a screen may not tell of its focus
	await page.waitForURL(/\/work$/, { timeout: 60000 });
	walk.allowed = [];
	await appears(walk, 'form[action$="/publish"]');
}

/** What is refused, paused, cancelled and left. @param {import('../lib/walk.mjs').Walk} walk @param {Line} line @param {string} path */
async function onSecondThought(walk, line, path) {
	const { page } = walk;
	const wrong = page.locator('[data-wrong]');
	await page.locator('[name=title]').fill('What I typed');
	await page.locator(file).setInputFiles({ name: 'roads.csv', mimeType: 'text/csv', buffer: Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(2_000_000)]) });
	walk.allowed = [422];
	await pressSend(walk, 'form[action$="/add"]');
	await wrong.waitFor();
	await walk.see({ en: 'The name of this file says CSV, but its content is PDF', es: 'su contenido es PDF' });
	if ((await page.locator('[name=title]').inputValue()) !== 'What I typed') walk.complain('the form forgot what was typed');
	await walk.shot('refused');
	await walk.check({ again: true });

	await page.locator(file).setInputFiles(path);
	walk.allowed = [];
	if (await wrong.isVisible()) walk.complain('says of the next file what was wrong with the one before');
	await line.slow(rate / 3);
	await pressSend(walk, 'form[action$="/add"]');
	await underWay(walk, 0.05);
	await page.locator('[data-pause]').click();
	await walk.see({ en: 'Paused. What has arrived is kept.', es: 'En pausa. Lo que llegó se conserva.' });
	await walk.shot('paused');
	const before = await kept(walk);
	if (before.length !== 1) walk.complain(`keeps ${before.length} addresses while it pauses`);
	await page.locator('[data-pause]').click();
	await underWay(walk, 0.1);
	const [ended] = await Promise.all([page.waitForResponse((r) => r.request().method() === 'DELETE'), page.locator('[data-cancel]').click()]);
	if (ended.status() !== 204) walk.complain(`cancelling is answered with ${ended.status()}`);
	if ((await kept(walk)).length) walk.complain('keeps what was cancelled');

	await page.locator(file).setInputFiles(path);
	await line.slow(rate / 3);
	await pressSend(walk, 'form[action$="/add"]');
	await underWay(walk, 0.05);
	await page.locator('[data-pause]').click();
	await line.mend();
	await page.evaluate(() => fetch('/sign-out', { method: 'POST' }));
	await walk.visit('/');
	await page.waitForFunction(() => !Object.keys(localStorage).some((k) => k.startsWith('ceiba.upload:')), null, { timeout: 5000 })
		.catch(() => walk.complain('keeps names of files after signing out'));
}

export default {
	name: 'upload',
	variants: [
		{ width: 360, height: 740, js: true, lang: 'en' }, { width: 1280, height: 900, js: true, lang: 'es' },
		{ width: 360, height: 740, js: false, lang: 'es' }, { width: 1280, height: 900, js: false, lang: 'en' },
	],
	/** @param {import('../lib/walk.mjs').Walk} walk */
	async run(walk) {
		const { page } = walk;
		const folder = await mkdtemp(join(tmpdir(), 'ceiba-files-'));
		page.on('dialog', (d) => d.accept()); // yes, leave the page
		try {
			await signIn(walk, 'editor');
			const add = await newDataset(walk);
			const caminos = await tableIn(folder, 'Caminos de Belmopán – año 2026.csv', 5_000_000);
			if (!walk.variant.js) {
				if (await page.locator('.sending').isVisible()) walk.complain('shows what only a script fills in');
				await page.locator(file).setInputFiles(caminos);
				await send(walk, 'form[action$="/add"]');
				await appears(walk, 'form[action$="/publish"]');
				return walk.see('Caminos de Belmopán – año 2026');
			}
			const line = await Line.of(page);
			const watch = new Watch(walk);
			await overBrokenLine(walk, line, caminos);
			watch.expect('a broken line', 1, true);

			// The next version of the same table.
			const resource = new URL(page.url()).pathname.replace(/\/work$/, '');
			await page.locator('form[action$="/publish"] button[type=submit]').last().click();
			await leadsTo(walk, resource);
			await overReload(walk, line, await tableIn(folder, 'Caminos de Belmopán – año 2027.csv', 3_000_000), 'form[action$="/replace"]');
			watch.expect('a reload', 1, true);

			await walk.visit(add);
			await overSession(walk, line, await tableIn(folder, 'ferries.csv', 3_000_000));
			watch.expect('a session that ended', 1, true);

			await walk.visit(add);
			await onSecondThought(walk, line, await tableIn(folder, 'rivers.csv', 3_000_000));
		} finally {
			await rm(folder, { recursive: true, force: true });
		}
	},
};
