// The pages that somebody comes to by what others do, or by waiting: a change of two people at once, a form that asks for the
// password again, and a program that wants to act for them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Eyes } from './browser.mjs';

const { url, email, password, user, pictures } = JSON.parse(readFileSync(0, 'utf8'));
const eyes = new Eyes(pictures);
await eyes.open();
const { page } = eyes;

const submit = (on = page) => Promise.all([on.waitForNavigation(), on.click('main form[method=post] button.primary')]);
await page.goto(`${url}/admin/sign-in`);
await page.fill('input[type=email]', email);
await page.fill('input[type=password]', password);
await submit();

// Two people change one user.
const edit = `${url}/admin/people/users/${user}/edit`;
const other = await eyes.context.newPage();
await page.goto(edit);
await other.goto(edit);
await other.fill('input[name=first_name]', 'Theirs');
await submit(other);
await page.fill('input[name=first_name]', 'Mine');
await submit();
const both = await page.innerText('main');
assert.ok(both.includes('Theirs') && (both.includes('Mine') || (await page.content()).includes('Mine')), both);
await eyes.look('changed-meanwhile');

// What was typed and not sent is asked about when one goes elsewhere, and not after Cancel.
let asks = 0;
page.on('dialog', (dialog) => {
  assert.equal(dialog.type(), 'beforeunload');
  asks += 1;
  return dialog.dismiss();
});
await page.goto(edit);
await page.click('input[name=first_name]');
await page.keyboard.type('Unsaved');
await page.click('.entries a[href="/admin/people/users"]', { noWaitAfter: true });
await page.waitForTimeout(500);
assert.equal(asks, 1);
assert.ok((await page.inputValue('input[name=first_name]')).includes('Unsaved'));
await Promise.all([page.waitForURL(edit.replace(/\/edit$/, '')), page.click('main form a.button')]);
assert.equal(asks, 1);
page.removeAllListeners('dialog');

// A session that has ended leads the whole page to sign in, not a piece of it.
await page.goto(`${url}/admin/people/users`);
const kept = await eyes.context.cookies();
await eyes.context.clearCookies();
await page.click('input[name=q]');
await Promise.all([page.waitForURL(/\/admin\/sign-in\?next=%2Fadmin%2Fpeople%2Fusers/), page.keyboard.type('sam')]);
await eyes.context.addCookies(kept);

// The sign-in is no longer recent: the form waits while the password is asked for.
await page.goto(`${url}/admin/applications/create`);
if (await page.$('input[type=password]')) {
  await eyes.look('password-asked-before');
  await page.fill('input[type=password]', password);
  await submit();
}
await page.fill('input[name=name]', 'Kept while asked');
await page.waitForTimeout(1100);
await submit();
assert.ok(await page.$('input[type=password]'), await page.innerText('main'));
await eyes.look('password-asked');
await page.fill('input[type=password]', password);
await submit();
assert.ok((await page.content()).includes('Kept while asked'));

// A program at this computer wants to sign somebody in.
const asked = await fetch(`${url}/v1/auth/authorize`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    redirect_uri: 'http://127.0.0.1:5173/callback',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    state: 'xyz',
    client_name: 'Notes on my desk',
  }),
});
const { data } = await asked.json();
await page.goto(data.authorize_url);
await eyes.look('program-asks');
await eyes.browser.close();
console.log(JSON.stringify({ seen: eyes.seen, wrong: eyes.wrong }));
