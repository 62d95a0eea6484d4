// @ts-check
// Starts bin/ceiba for the journeys.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const binary = fileURLToPath(new URL('../../bin/ceiba', import.meta.url));

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

/**
 * Starts a demonstration in a folder of its own and waits until it is ready.
 * @param {string[]} flags more flags of `ceiba serve`
 */
export async function startSite(flags = []) {
	if (!existsSync(binary)) throw new Error('no bin/ceiba: go run ./dev build');
	const data = await mkdtemp(join(tmpdir(), 'ceiba-e2e-'));
	const port = await freePort();
	const url = `http://127.0.0.1:${port}`;
	const child = spawn(binary, ['serve', '--listen', `127.0.0.1:${port}`, '--data', data, '--demo', ...flags], {
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let said = '';
	const keep = (/** @type {Buffer} */ b) => { said = (said + b).slice(-20000); };
	child.stdout.on('data', keep);
	child.stderr.on('data', keep);
	const ended = new Promise((resolve) => child.once('exit', resolve));
	const stop = async () => {
		child.kill('SIGTERM');
		const timer = setTimeout(() => child.kill('SIGKILL'), 15000);
		await ended;
		clearTimeout(timer);
		await rm(data, { recursive: true, force: true });
	};
	for (let i = 0; i < 600 && child.exitCode === null; i++) {
		const ready = await fetch(`${url}/readyz`).then((r) => r.ok, () => false);
		if (ready) return { url, stop, output: () => said };
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	await stop();
	throw new Error(`bin/ceiba did not become ready:\n${said}`);
}
