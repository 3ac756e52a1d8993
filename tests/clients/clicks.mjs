// Ten tasks of an administrator in Chromium, each from Home. Every click on a link, a button or a choice counts, the one that
// confirms too; typing and the Enter key do not. Prints how many clicks each took, and what it brought.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Eyes } from './browser.mjs';

const told = JSON.parse(readFileSync(0, 'utf8'));
const { url, email, password, person, application, group, secret, folder, redirect_uri } = told;
const eyes = new Eyes();
await eyes.open();
const { page } = eyes;

const hand = {
  clicks: 0,
  // A click, and whatever page it leads to.
  async click(what) {
    hand.clicks += 1;
    await page.click(what);
    await page.waitForLoadState();
  },
  type: (field, text) => page.fill(field, text),
  // Types what is looked for and presses Enter.
  async search(words) {
    const field = 'main form[role=search] input[type=search]';
    await page.fill(field, words);
    await page.press(field, 'Enter');
    await page.waitForLoadState();
  },
  menu: (name) => hand.click(`nav .entries a:text-is("${name}")`),
  row: (name) => hand.click(`main a.row-link:text-is("${name}")`),
  link: (name) => hand.click(`main :is(a, button):text-is("${name}")`),
  submit: () => hand.click('main form.form button.primary'),
  agree: () => hand.click('#dialog form button.primary'),
  // What is shown once, copied.
  async copy(name) {
    const value = await page.innerText(`#once-${name}`);
    await hand.click(`button[data-copy=once-${name}]`);
    return value;
  },
};

// What is to be done, in how many clicks at most, and how.
const TASKS = [
  ['api key', 3, async () => {
    await hand.link('Create API key');
    await hand.type('[name=name]', 'By three clicks');
    await hand.submit();
    return hand.copy('API_KEY');
  }],
  ['rotate a secret', 4, async () => {
    await hand.menu('Applications');
    await hand.row(application);
    await hand.link('Rotate secret');
    await hand.agree();
    return page.innerText('#once-CLIENT_SECRET');
  }],
  ['user to group', 2, async () => {
    await hand.search(person);
    await hand.link('Add to a group');
    await hand.type('[name=group]', group);
    await hand.submit();
    return page.innerText('main');
  }],
  ['change a role', 3, async () => {
    await hand.search(person);
    await hand.link('Change role');
    await hand.click('label:has(input[name=role][value=viewer])');
    await hand.submit();
    return page.innerText('main');
  }],
  ['end sessions', 2, async () => {
    await hand.search(person);
    await hand.link('End all');
    if (await page.locator('#dialog form').count()) await hand.agree();
    return page.innerText('main');
  }],
  ['read a secret', 4, async () => {
    await hand.menu('Secrets');
    await hand.row(folder);
    await hand.row(secret);
    await hand.link('Reveal');
    await page.waitForSelector('#value :text("deep-water-9")');
    return page.innerText('#value');
  }],
  ['change a value', 5, async () => {
    await hand.menu('Secrets');
    await hand.row(folder);
    await hand.row(secret);
    await hand.link('New version');
    await hand.type('[name=data]', 'password=high-tide-5');
    await hand.submit();
    return page.innerText('main');
  }],
  ['application', 5, async () => {
    await hand.link('Create application');
    await hand.type('[name=name]', 'By few clicks');
    await hand.click('label:has(input[name=application_type][value=WEB])');
    await hand.type('[name=redirect_uris]', redirect_uri);
    await hand.submit();
    return { text: await page.innerText('main'), secret: await hand.copy('CLIENT_SECRET') };
  }],
  ['reset link', 4, async () => {
    await hand.search(person);
    await hand.link('Copy link');
    await hand.agree();
    return hand.copy('LINK');
  }],
  ['invite and copy', 4, async () => {
    await hand.link('Invite somebody');
    await hand.type('[name=email]', 'new@clicks.example');
    await page.press('[name=email]', 'Enter');
    await page.waitForURL(/users\/usr_/);
    await hand.link('Copy link');
    await hand.agree();
    return hand.copy('LINK');
  }],
];

await page.goto(`${url}/admin/`);
await page.fill('input[type=email]', email);
await page.fill('input[type=password]', password);
await Promise.all([page.waitForURL(`${url}/admin/`), page.click('main form[method=post] button.primary')]);
const seen = {};
for (const [name, most, does] of TASKS) {
  await page.goto(`${url}/admin/`);
  hand.clicks = 0;
  try {
    seen[name] = { brought: await does(), clicks: hand.clicks, most };
  } catch (error) {
    throw new Error(`${name}, after ${hand.clicks} clicks at ${page.url()}: ${error}\n${await page.innerText('main').catch(() => '')}`);
  }
  assert.ok(hand.clicks > 0, name);
}
await eyes.browser.close();
console.log(JSON.stringify({ seen, wrong: eyes.wrong }));
