// Chromium signs an administrator in and goes wherever links lead, one page of each kind.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Eyes } from './browser.mjs';

const { url, email, password, pictures, start } = JSON.parse(readFileSync(0, 'utf8'));
const eyes = new Eyes(pictures);
await eyes.open();
const { page } = eyes;

await page.goto(`${url}${start}`);
await eyes.look('sign-in');
await page.fill('input[type=email]', 'nobody@example.com');
await page.fill('input[type=password]', 'not the password');
await page.click('main button[type=submit], form button');
await page.waitForLoadState();
await eyes.look('sign-in-refused');
await page.fill('input[type=email]', email);
await page.fill('input[type=password]', password);
await page.click('main button[type=submit], form button');
await page.waitForURL(`${url}${start}`);

// A page of each kind: ids aside, and of the query the names only.
function kind(path) {
  const { pathname, searchParams } = new URL(path, url);
  const names = [...new Set(searchParams.keys())].sort();
  return [pathname.replace(/\b[a-z]+_\d+|(?<=\/)\d+/g, 'one'), ...names].join('?');
}
const waiting = [start];
const known = new Set(waiting.map(kind));
while (waiting.length > 0) {
  const path = waiting.shift();
  const answer = await page.goto(url + path);
  assert.ok(answer.status() < 400, `${path}: ${answer.status()}`);
  await eyes.look(kind(path).replace(/[/?]+/g, '-').replace(/^-|-$/g, ''));
  const links = await page.$$eval('a[href]:not([download])', (found) => found.map((link) => link.getAttribute('href')));
  for (const link of links.filter((link) => /^\/(admin|account)(\/|$)/.test(link) && !/export|\.(csv|json)/.test(link))) {
    if (!known.has(kind(link))) {
      known.add(kind(link));
      waiting.push(link);
    }
  }
}
await page.goto(`${url}/admin/no-such-page`);
await eyes.look('not-found');
await eyes.browser.close();
console.log(JSON.stringify({ seen: eyes.seen, wrong: eyes.wrong }));
