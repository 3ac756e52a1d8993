// Access → API Keys → Create, the key's page, its reroll and its end, and Access → Limits, as an administrator in Chromium.
// Gives the key that was shown, so that the caller can try it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Eyes } from './browser.mjs';

const { url, email, password, pictures } = JSON.parse(readFileSync(0, 'utf8'));
const eyes = new Eyes(pictures);
await eyes.open();
const { page } = eyes;

await page.goto(`${url}/admin/`);
await page.fill('input[type=email]', email);
await page.fill('input[type=password]', password);
await page.click('main button[type=submit], form button');
await page.waitForURL(`${url}/admin/`);

await page.click('nav >> text=API Keys');
await eyes.look('api-keys-empty');
await page.click('text=Create API key');
await eyes.look('api-keys-create');
await page.fill('[name=name]', 'production-integration');
await page.fill('[name=rate_limit]', '9999999');
await page.click('form.card button.primary');
assert.ok(await page.locator('[aria-invalid=true]').count(), 'a limit beyond all is refused');
await eyes.look('api-keys-refused');
await page.fill('[name=rate_limit]', '30');
await page.click('form.card button.primary');
await page.waitForURL(/created$/);
await eyes.look('api-keys-once');
const key = await page.textContent('#once-API_KEY');
const lines = await page.textContent('main');
for (const word of ['curl -H', 'httpx.Client', 'new Headers', `${url}/v1/models`]) assert.ok(lines.includes(word), word);
await page.reload();
assert.ok(!(await page.content()).includes(key), 'it is shown once');
await eyes.look('api-keys-gone');

await page.goto(`${url}/admin/access/api-keys`);
await eyes.look('api-keys-list');
await page.click('a >> text=production-integration');
await eyes.look('api-keys-one');
await page.click('button:has-text("Switch off")');
await page.click('button:has-text("Switch on")');
await page.click('text=Reroll');
await eyes.look('api-keys-reroll');
await page.selectOption('[name=grace]', '86400');
await page.click('form.card button.primary');
await page.waitForURL(/created$/);
const next = await page.textContent('#once-API_KEY');
await page.goto(`${url}/admin/access/api-keys`);
await eyes.look('api-keys-rerolled');
const end = await page.locator('a:has-text("Revoke")').first().getAttribute('href');
await page.goto(url + end);
await eyes.look('api-keys-revoke');
await page.click('main button.danger');
await page.waitForURL(`${url}/admin/access/api-keys`);
await page.click('nav >> text=Limits');
await eyes.look('limits');
await page.fill('[name=api_key]', '45');
await page.click('text=Set limits');
await page.waitForLoadState();
assert.equal(await page.inputValue('[name=api_key]'), '45');
await eyes.look('limits-set');
await eyes.browser.close();
console.log(JSON.stringify({ seen: eyes.seen, wrong: eyes.wrong, old: key, next }));
