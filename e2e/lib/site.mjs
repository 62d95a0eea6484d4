// @ts-check
// Starts bin/ceiba for the journeys, and moves its clock.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The program that is walked. */
export const binary = fileURLToPath(new URL('../../bin/ceiba', import.meta.url));

/** @returns {Promise<number>} a port that nobody listens on */
function freePort() {
	return new Promise((resolve, reject) => {
		const probe = createServer();
		probe.once('error', reject);
		probe.listen(0, '127.0.0.1', () => {
			const address = probe.address();
			const port = typeof address === 'object' && address ? address.port : 0;
			probe.close(() => resolve(port));
		});
	});
}

/** A demonstration that runs in a folder and on a port of its own. */
export class Site {
	/** @param {string} data @param {number} port */
	constructor(data, port) {
		this.data = data;
		this.port = port;
		this.url = `http://127.0.0.1:${port}`;
		/** @type {import('node:child_process').ChildProcess | null} */
		this.child = null;
		this.ended = Promise.resolve();
		this.said = '';
	}

	/** Starts it and waits until it is ready. @param {string[]} flags more flags of `ceiba serve` */
	async start(flags = []) {
		const child = spawn(binary, ['serve', '--listen', `127.0.0.1:${this.port}`, '--data', this.data, '--demo', ...flags], {
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		const keep = (/** @type {Buffer} */ b) => { this.said = (this.said + b).slice(-20000); };
		child.stdout.on('data', keep);
		child.stderr.on('data', keep);
		this.child = child;
		this.ended = new Promise((resolve) => child.once('exit', () => resolve()));
		for (let i = 0; i < 600 && child.exitCode === null; i++) {
			const ready = await fetch(`${this.url}/readyz`).then((r) => r.ok, () => false);
			if (ready) return;
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
		await this.stop();
		throw new Error(`bin/ceiba did not become ready:\n${this.said}`);
	}

	/**
	 * Months pass: the server ends, and starts again on its data with another day.
	 * @param {string} day as YYYY-MM-DD, no earlier than what the site has seen
	 */
	async moveTo(day) {
		await this.halt();
		await this.start(['--demo-date', day]);
	}

	/** Ends the server and keeps what it made. */
	async halt() {
		this.child?.kill('SIGTERM');
		const timer = setTimeout(() => this.child?.kill('SIGKILL'), 15000);
		await this.ended;
		clearTimeout(timer);
	}

	/** Ends the server and removes its folder. */
	async stop() {
		await this.halt();
		await rm(this.data, { recursive: true, force: true });
	}
}

/**
 * Starts a fresh demonstration.
 * @param {string[]} flags more flags of `ceiba serve`
 */
export async function startSite(flags = []) {
	if (!existsSync(binary)) throw new Error('no bin/ceiba: go run ./dev build');
	const site = new Site(await mkdtemp(join(tmpdir(), 'ceiba-e2e-')), await freePort());
	await site.start(flags);
	return site;
}
