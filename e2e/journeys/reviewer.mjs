// @ts-check
// An independent reviewer assesses a plan: codes its commitments with reasons and
// what shows them, two as one, puts the draft out for two weeks, answers who
// speaks, and publishes a report that stays as it is, with its annex as a file.

import { signIn } from '../lib/roles.mjs';
import { appears, send } from './publisher.mjs';

/** @typedef {import('../lib/walk.mjs').Walk} Walk */

const plan = '/plan/demonstration-a-plan-that-is-being-kept';

/** Gives one code its value, its reason and what shows it. @param {Walk} walk @param {string} name @param {string} [value] */
async function say(walk, name, value) {
	const choice = value ? walk.page.locator(`[name="${name}"][value=${value}]`) : walk.page.locator(`[name="${name}"]`).first();
	await choice.check();
	await walk.page.locator(`[name="rationale.${name}"]`).fill('The text names an output that can be seen.');
	await walk.page.locator(`[name="evidence.${name}"]`).fill('The plan https://example.org/plan.pdf');
}

/** Codes the commitment or cluster that is shown. @param {Walk} walk @param {Record<string, string>} codes */
async function code(walk, codes) {
	for (const [name, value] of Object.entries(codes)) await say(walk, name, value);
	await send(walk, 'form[action$="/code"]');
}

/** Sends a form whose page comes back. @param {Walk} walk @param {string} form */
async function save(walk, form) {
	await Promise.all([walk.page.waitForEvent('load'), walk.page.locator(`${form} button[type=submit]`).last().click()]);
	await walk.check({ again: true });
}

/** Takes the assessment to its next state. @param {Walk} walk @param {string} desk @param {string} to */
async function move(walk, desk, to) {
	await walk.visit(desk);
	const form = `form:has(input[name=to][value=${to}])`;
	await walk.page.locator(`details:has(${form}) > summary`).click();
	await save(walk, form);
}

/** Begins an assessment from the page of the plan. @param {Walk} walk @returns {Promise<string>} its address */
async function begin(walk) {
	await walk.visit(plan);
	await walk.press('link', { en: 'Begin an assessment', es: 'Iniciar una evaluación' });
	if (!(await walk.page.locator('select[name=plan]').inputValue())) walk.complain('the form forgot the plan from which it was opened');
	await walk.page.locator('[name=product][value=action_plan_review]').check();
	await walk.page.locator('[name=title]').fill(`Review ${walk.name}`);
	for (const part of ['overview', 'recommendations', 'sources']) await walk.page.locator(`[name=${part}]`).fill('Made up by a journey.');
	await send(walk, 'form[action="/assessments"]');
	await walk.shot('desk');
	const report = walk.page.getByRole('link', { name: walk.say({ en: 'See the report', es: 'Ver el informe' }) }).first();
	return String(await report.getAttribute('href'));
}

/** Two commitments share a reform: they are rated as one. @param {Walk} walk @param {string} at */
async function cluster(walk, at) {
	await walk.visit(`${at}/desk`);
	await walk.press('link', { en: 'Clusters', es: 'Grupos' });
	const members = walk.page.locator('[name=members]');
	await members.nth(1).check();
	await members.nth(2).check();
	await walk.page.locator('[name=title]').fill('Data that people can use');
	await walk.page.locator('select[name=area]').selectOption({ index: 1 });
	await walk.page.locator('[name=cluster_reason]').fill('Both publish what offices already keep.');
	await send(walk, 'form[action$="/clusters"]');
}

/** Codes everything: first without reasons, which is refused. @param {Walk} walk @param {string} at */
async function codeAll(walk, at) {
	const page = walk.page;
	await walk.visit(`${at}/desk`);
	await page.locator(`a[href="${at}/code"]`).click();
	await page.waitForLoadState('load');
	await walk.check({ again: true });
	await page.locator('[name=verifiable][value=yes]').check();
	await page.locator('form[action$="/code"] button[type=submit]').last().click();
	await appears(walk, '[role=alert]');
	if (!(await page.locator('[name=verifiable][value=yes]').isChecked())) walk.complain('the coding forgot what was chosen');
	await walk.check({ again: true });
	await walk.shot('refused');

	await code(walk, { verifiable: 'yes', lens: 'yes', potential: 'substantial', promising: 'yes' });
	await code(walk, { verifiable: 'yes', lens: 'yes', potential: 'modest', promising: 'no' }); // the cluster
	await walk.shot('coded');

	// A promising commitment is told of by itself.
	await walk.visit(`${at}/desk`);
	await page.locator('main table a[href*="/code?of="]').first().click();
	await page.waitForLoadState('load');
	await walk.check({ again: true });
	for (const part of ['context', 'potential', 'recommendations']) await page.locator(`#t-${part}`).fill('Drains that are repaired keep a village together.');
	await save(walk, 'form[action$="/passage"]');
}

/** Judges the process beside the computed verdicts. @param {Walk} walk @param {string} at */
async function judge(walk, at) {
	await walk.visit(`${at}/process`);
	const names = await walk.page.locator('form[action$="/process"] input[type=radio]').evaluateAll((all) => [...new Set(all.map((r) => /** @type {HTMLInputElement} */ (r).name))]);
	for (const name of names) await say(walk, name, 'no');
	await walk.check({ again: true });
	await send(walk, 'form[action$="/process"]');
}

export default {
	name: 'reviewer',
	own: true,
	variants: [{ width: 360, height: 740, js: true, lang: 'es' }, { width: 1280, height: 900, js: false, lang: 'en' }],
	/** @param {Walk} walk */
	async run(walk) {
		const page = walk.page;
		await signIn(walk, 'evaluator');
		const at = await begin(walk);
		await cluster(walk, at);
		await codeAll(walk, at);
		await judge(walk, at);
		await move(walk, `${at}/desk`, 'commenting');

		// Not before the two weeks are over.
		await move(walk, `${at}/desk`, 'final');
		await walk.see({ en: 'until', es: 'hasta' });

		await signIn(walk, 'resident');
		await walk.visit(at);
		await page.locator(`a[href="${at}/comments"]`).first().click();
		await page.waitForLoadState('load');
		await page.locator('[name=comment]').fill('Our village was not asked.');
		await save(walk, 'form[action$="/comments"]');
		await walk.shot('commented');

		await walk.pass(15);
		await signIn(walk, 'evaluator');
		await move(walk, `${at}/desk`, 'final'); // one comment is not answered yet
		await walk.visit(`${at}/comments`);
		await page.locator('details:has([name=answer]) > summary').click();
		await page.locator('[name=answer]').fill('The report says so now.');
		await save(walk, 'form[action$="/answer"]');
		await move(walk, `${at}/desk`, 'final');

		// Anybody reads the report, and takes its annex.
		await walk.context.clearCookies({ name: /^(?!ceiba_lang)/ });
		await walk.visit(at);
		await walk.see({ en: 'Final', es: 'Definitiva' });
		await walk.shot('report');
		const annex = await walk.context.request.get(`${at}/annex.csv`);
		const rows = (await annex.text()).trim().split('\n');
		if (annex.status() !== 200 || rows.length < 4) walk.complain(`the annex has ${rows.length} lines, status ${annex.status()}`);
		if ((await page.locator(`a[href="${at}/annex.csv"]`).count()) === 0) walk.complain('no link to the annex');
		await walk.visit(`${at}/comments`);
		await walk.see('Our village was not asked.');
		await walk.see('The report says so now.');
	},
};
