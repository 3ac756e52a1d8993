// Chromium signs an administrator in, goes wherever links lead, one page of each kind, and fills the forms whose answers are
// shown once.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Eyes } from './browser.mjs';
import { totp } from './totp.mjs';

const { url, email, password, pictures, start } = JSON.parse(readFileSync(0, 'utf8'));
const eyes = new Eyes(pictures);
await eyes.open();
const { page } = eyes;

const submit = () => Promise.all([page.waitForNavigation(), page.click('main form[method=post] button.primary')]);
const signIn = async (word) => {
  await page.fill('input[type=email]', email);
  await page.fill('input[type=password]', word);
  await submit();
};
await page.goto(`${url}/login/forgot-password`);
await eyes.look('forgot-password');
await page.fill('input[type=email]', 'nobody@example.com');
await submit();
await eyes.look('forgot-password-sent');
await page.goto(`${url}${start}`);
await eyes.look('sign-in');
await signIn('not the password');
await eyes.look('sign-in-refused');
await signIn(password);
await page.waitForURL(`${url}${start}`);

// A page of each kind: ids aside, and of the query the names only.
function kind(path) {
  const { pathname, searchParams } = new URL(path, url);
  const names = [...new Set(searchParams.keys())].sort();
  return [pathname.replace(/\b[a-z]+_\d+|(?<=\/)\d+/g, 'one'), ...names].join('?');
}
const waiting = [start, '/account'];
const known = new Set(waiting.map(kind));
while (waiting.length > 0) {
  const path = waiting.shift();
  const answer = await page.goto(url + path);
  assert.ok(answer.status() < 400, `${path}: ${answer.status()}`);
  await eyes.look(kind(path).replace(/[/?]+/g, '-').replace(/^-|-$/g, ''));
  const links = await page.$$eval('a[href]:not([download])', (found) => found.map((link) => link.getAttribute('href')));
  // Another order of a list, and all of its boxes ticked, are looked at below.
  const same = /export|\.(csv|json)|[?&](sort|selected)=/;
  for (const link of links.filter((link) => /^\/(admin|account)(\/|$)/.test(link) && !same.test(link))) {
    if (!known.has(kind(link))) {
      known.add(kind(link));
      waiting.push(link);
    }
  }
}
// What Home's search shows where it does not lead straight there.
for (const words of ['e', 'nobody-of-this-name']) {
  await page.goto(`${url}/admin/search?q=${words}`);
  await eyes.look(`search-${words}`);
}
await page.goto(`${url}/admin/no-such-page`);
await eyes.look('not-found');

// The reference of the APIs: all of them, one, an operation with a body and one without, and a search.
await page.goto(`${url}/docs`);
await eyes.look('docs');
const api = '/docs/scaikey';
await page.goto(url + api);
await eyes.look('docs-api');
for (const method of ['GET', 'POST']) {
  await page.goto(`${url}${api}?q=user`);
  await page.click(`tr:has(code:text("${method} ")) a.row-link`);
  await page.waitForURL(/\/docs\/\w+\/\w+/);
  await eyes.look(`docs-operation-${method.toLowerCase()}`);
}
await page.goto(`${url}/docs?q=token`);
await eyes.look('docs-found');
await page.goto(`${url}/docs?q=there-is-no-such-word`);
await eyes.look('docs-none');

// What was deleted, and its way back; what is taken by it.
for (const [name, list] of [['users', 'people/users'], ['organizations', 'organizations']]) {
  await page.goto(`${url}/admin/${list}?status=DELETED`);
  await eyes.look(`${name}-deleted`);
  await page.goto(`${url}/admin/${list}?status=DELETED&q=nobody`);
  await eyes.look(`${name}-deleted-none`);
  await page.goto(`${url}/admin/${list}?status=DELETED`);
  await page.click('a[href$="/restore"]');
  await page.waitForSelector('#dialog form');
  await eyes.look(`${name}-restore-asked`);
  await page.goto(url + (await page.getAttribute('#dialog form', 'action')));
  await eyes.look(`${name}-restore`);
}
await page.goto(`${url}/admin/people/users/create`);
await page.fill('input[name=email]', 'gone@northwind.example');
await submit();
await eyes.look('user-taken-by-deleted');
await page.goto(`${url}/admin/audit?action=user.udpate`);
await eyes.look('audit-mistyped');

// The tenant to work in: a form that was open before somebody switched, a link to a page of a tenant, and one out of reach.
await page.goto(`${url}/admin/people/groups/create`);
await page.fill('input[name=name]', 'Night shift');
const other = await page.context().newPage();
await other.goto(`${url}/admin/switch?q=north`);
await Promise.all([other.waitForNavigation(), other.click('tr:has-text("northwind") button')]);
await submit();
await eyes.look('switched-elsewhere');
await submit();
await page.goto(`${url}/admin/people/groups?q=night`);
await page.waitForSelector('a.row-link:text("Night shift")');
await page.goto(`${url}/admin/switch?tenant=northwind&next=/admin/secrets`);
await eyes.look('switch-asked');
await submit();
await page.waitForURL(`${url}/admin/secrets`);
await eyes.look('secrets-of-another-tenant');
await page.goto(`${url}/admin/switch?tenant=nowhere`);
await eyes.look('switch-out-of-reach');
await Promise.all([page.waitForNavigation(), page.click('form[action="/admin/switch/leave"] button')]);
await other.close();

// Somebody is found while one types; a link is passed on.
await page.goto(`${url}/admin/people/groups?q=sales`);
await page.click('a.row-link');
await page.waitForURL(/grp_/);
await page.locator('input[name=member]').pressSequentially('sam');
await page.waitForSelector('datalist option[value="sam@northwind.example"]', { state: 'attached' });
await page.goto(`${url}/admin/people/users?q=sam`);
await page.click('a.row-link');
await page.waitForURL(/usr_/);
await eyes.look('user-invited');
await page.click('a[href$="/link"]');
await page.waitForSelector('#dialog form');
await eyes.look('user-link-asked');
await Promise.all([page.waitForNavigation(), page.click('#dialog button.primary')]);
await eyes.look('user-link');

// A list in another order; several of its rows, chosen and asked about; how many a search finds, where it is announced.
await page.goto(`${url}/admin/people/users`);
await Promise.all([page.waitForNavigation(), page.click('#sort-email')]);
assert.match(page.url(), /\?sort=email$/);
assert.equal(await page.getAttribute('th:has(#sort-email)', 'aria-sort'), 'ascending');
await page.click('[data-select-all]');
const boxes = await page.locator('tbody input[type=checkbox]').count();
assert.ok(boxes > 1);
assert.equal(await page.innerText('[data-selected]'), `${boxes} selected`);
await eyes.look('users-selected');
await Promise.all([page.waitForNavigation(), page.click('form.acts button:text("Disable")')]);
assert.equal(await page.locator('ul.selected li').count(), boxes);
await eyes.look('users-selected-asked');
await Promise.all([page.waitForNavigation(), page.click('main a.button:text("Cancel")')]);
assert.match(page.url(), /\?sort=email$/, 'back to the list as it was');
const announced = await page.$('#found');
await page.fill('#f-q', 'sam');
await page.waitForFunction(() => document.querySelector('#found').textContent === '1 user');
assert.ok(await announced.evaluate((at) => at.isConnected), 'the element that is announced stays');
assert.match(page.url(), /sort=email/, 'and so does the order');
await page.goto(`${url}/admin/people/users?selected=all`);
assert.equal(await page.locator('tbody input:checked').count(), boxes);
await page.goto(`${url}/admin/people/users`);
await Promise.all([page.waitForNavigation(), page.click('form.acts button:text("Disable")')]);
await eyes.look('users-none-selected');

// Times are the reader's own. On this night the clocks are set back: half past two is there twice.
const storageState = await page.context().storageState();
const abroad = await eyes.browser.newContext({ timezoneId: 'Europe/Amsterdam', locale: 'en-GB', storageState });
const log = await abroad.newPage();
const sent = (name) => log.inputValue(`input[type=hidden][name=${name}]`);
for (const [utc, local] of [
  ['2026-10-25T00:30Z', '2026-10-25T02:30'],
  ['2026-10-25T01:30Z', '2026-10-25T02:30'],
  ['2026-03-29T01:30Z', '2026-03-29T03:30'],
]) {
  await log.goto(`${url}/admin/audit?from=${utc}`);
  assert.equal(await log.inputValue('#f-from'), local);
  assert.equal(await sent('from'), utc, 'what nobody has changed is sent as it came');
  await log.fill('#f-resource', 'x');
  await log.waitForURL((now) => now.searchParams.get('from') === utc);
}
for (const [local, utc] of [['2026-07-01T12:00', '2026-07-01T10:00Z'], ['2026-01-01T12:00', '2026-01-01T11:00Z']]) {
  await log.fill('#f-to', local);
  assert.equal(await sent('to'), utc);
  await log.waitForURL((now) => now.searchParams.get('to') === utc);
}
await log.goto(`${url}/admin/audit`);
await Promise.all([log.waitForNavigation(), log.click('tbody a.row-link')]);
const shown = await log.$eval('time[data-exact]', (time) => [time.dateTime, time.textContent, time.title]);
assert.ok(!shown[1].includes('UTC') && /(CES?T|GMT\+[12])/.test(shown[2]), shown.join(' | '));
await abroad.close();

// What is shown once.
await page.goto(`${url}/admin/access/api-keys/create`);
await page.fill('input[name=name]', 'For the website');
await submit();
await eyes.look('api-key-created');
await page.goto(`${url}/admin/access/personal-tokens/create`);
await page.fill('input[name=name]', 'For the shell');
await page.check('input[name=scopes] >> nth=0');
await submit();
await eyes.look('personal-token-created');
await page.goto(`${url}/admin/developers/settings/create`);
await page.fill('input[name=name]', 'Backend');
await submit();
await eyes.look('api-credentials-created');
await page.goto(`${url}/admin/applications/create`);
await page.fill('input[name=name]', 'Website');
await submit();
await eyes.look('application-created');

// The link to an organisation's portal, from both sides.
await page.goto(`${url}/admin/organizations/create`);
await page.fill('input[name=name]', 'Contoso, the company with a name that is longer than most of them');
await submit();
await page.check('input[name=features][value=sso]');
await Promise.all([page.waitForNavigation(), page.click('form[action$="/features"] button')]);
await Promise.all([page.waitForNavigation(), page.click('form[action$="/portal-link"] button')]);
await eyes.look('portal-link');
const portal = await page.innerText('#once-PORTAL_LINK');
await page.goto(portal);
await eyes.look('portal-door');
await submit();
await eyes.look('portal-open');
await page.goto(portal);
await eyes.look('portal-used');
await page.goto(`${url}/magicLink/no-such-link`);
await eyes.look('portal-unknown');
await page.goto(`${url}/admin/organizations?q=contoso`);
await eyes.look('organizations-found');
await page.click('a.row-link');
await page.waitForURL(/org_/);
await Promise.all([page.waitForNavigation(), page.click('a[href$="/edit"]')]);
await page.fill('textarea[name=metadata]', 'no pair');
await submit();
await eyes.look('organization-edit-refused');

// A second factor, set up and asked for.
await page.goto(`${url}/account/factors/setup`);
await eyes.look('second-factor');
const [secret] = (await page.innerText('main')).replaceAll(' ', '').match(/[A-Z2-7]{32}/);
await page.fill('input[name=code]', totp(secret));
await submit();
await eyes.look('recovery-codes');
await page.goto(`${url}/account/factors`);
await eyes.look('second-factor-on');
await page.goto(`${url}/account/factors/disable`);
await eyes.look('second-factor-off');
await page.context().clearCookies();
await page.goto(`${url}${start}`);
await signIn(password);
await eyes.look('sign-in-code');
await page.fill('input[name=code]', totp(secret, 1));
await submit();
await page.waitForURL(`${url}${start}`);
await eyes.browser.close();
console.log(JSON.stringify({ seen: eyes.seen, wrong: eyes.wrong }));
