// @ts-check
// Signing in to the demonstration, where one press makes you each role.

/** The address of the page with a button for each role. */
export const demoPage = '/demo/sign-in';

/** The roles that the journeys and the crawler use. */
export const roles = ['resident', 'editor', 'moderator', 'administrator'];

/**
 * Signs in as a role of the demonstration.
 * @param {import('./walk.mjs').Walk} walk @param {string} role
 */
export async function signIn(walk, role) {
	await walk.visit(demoPage);
	if (walk.status >= 400) throw new Error(`${demoPage} gave ${walk.status}`);
	const button = walk.page.locator(`button[value="${role}"], button[data-role="${role}"]`).first();
	await Promise.all([walk.page.waitForEvent('load'), button.click()]);
	if (walk.status >= 400) throw new Error(`signing in as ${role} gave ${walk.status}`);
	await walk.check();
}
