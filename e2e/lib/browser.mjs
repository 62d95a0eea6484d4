// @ts-check
// Debian's Chromium, driven by Playwright, with a fresh profile.

import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Starts the browser. It speaks to this machine only. */
export function launch() {
	const executablePath = process.env.CEIBA_CHROMIUM || places.find((p) => existsSync(p));
	if (!executablePath) throw new Error('no Chromium: apt-get install chromium, or set CEIBA_CHROMIUM');
	return chromium.launch({
		executablePath,
		env: { ...process.env, LC_ALL: 'C.UTF-8' }, // else it does not find files with other than ASCII names
		args: [
			'--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
			'--disable-background-networking', '--disable-component-update', '--disable-sync',
			'--disable-dev-shm-usage', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
		],
	});
}
