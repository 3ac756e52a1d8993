// Somebody signs in to an application that is only a page, in Chromium: the library that the first argument names asks for the
// tokens from there, across origins. Reads what it needs from stdin as JSON; prints what the library saw.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const [, , library] = process.argv;
const told = JSON.parse(readFileSync(0, 'utf8'));
const { issuer, client_id, origin, port, email, password } = told;
const require = createRequire(import.meta.url);
const modules = fileURLToPath(new URL('../node_modules/', import.meta.url));

// Where a browser finds the modules that the libraries name.
const angular = ['core', 'common', 'platform-browser', 'compiler'];
const imports = {
  ...Object.fromEntries(angular.map((name) => [`@angular/${name}`, `/m/@angular/${name}/fesm2022/${name}.mjs`])),
  '@angular/common/http': '/m/@angular/common/fesm2022/http.mjs',
  '@angular/core/primitives/di': '/m/@angular/core/fesm2022/primitives-di.mjs',
  '@angular/core/primitives/signals': '/m/@angular/core/fesm2022/primitives-signals.mjs',
  'angular-oauth2-oidc': '/m/angular-oauth2-oidc/fesm2022/angular-oauth2-oidc.mjs',
  'angular-oauth2-oidc-jwks': '/m/angular-oauth2-oidc-jwks/fesm2022/angular-oauth2-oidc-jwks.mjs',
  jsrsasign: '/jsrsasign.js',
  rxjs: '/m/rxjs/dist/esm/index.js',
  'rxjs/operators': '/m/rxjs/dist/esm/operators/index.js',
  tslib: '/m/tslib/tslib.es6.mjs',
  'jwt-decode': '/m/jwt-decode/build/esm/index.js',
  'oidc-client-ts': '/m/oidc-client-ts/dist/esm/oidc-client-ts.js',
};
const page_of = () => `<!doctype html><html lang="en"><title>Application</title>
<script type="importmap">${JSON.stringify({ imports })}</script>
<script src="/jsrsasign-for-node.js"></script>
<script type="module">
import { start } from '/page.js';
globalThis.app = start(${JSON.stringify({ issuer, client_id, origin })});
</script><h1>The application</h1></html>`;

// A module of one of the packages; some leave out the end of its name.
function source(path) {
  if (path === '/page.js') return readFileSync(new URL(`./${library}_page.mjs`, import.meta.url));
  // Written for Node and not in strict mode: its names become those of a module.
  if (path === '/jsrsasign-for-node.js') {
    if (library !== 'angular') return '';
    return `globalThis.jsrsasign = {};\n((exports) => {\n${readFileSync(require.resolve('jsrsasign'), 'utf8')}\n})(globalThis.jsrsasign);`;
  }
  if (path === '/jsrsasign.js') return `export const { ${Object.keys(require('jsrsasign'))} } = globalThis.jsrsasign;`;
  const at = modules + path.slice('/m/'.length);
  return readFileSync(/\.m?js$/.test(at) ? at : `${at}.js`);
}
const application = createServer((request, response) => {
  const { pathname } = new URL(request.url, origin);
  const script = pathname.startsWith('/m/') || pathname.endsWith('.js');
  response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
  response.end(script ? source(pathname) : page_of());
});
application.listen(port, '127.0.0.1');

const args = ['--no-sandbox', '--host-resolver-rules=MAP localhost 127.0.0.1'];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args });
const wrong = [];
async function visitor() {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('console', (line) => {
    if (/CORS|security policy/i.test(line.text())) wrong.push(line.text());
  });
  await page.goto(`${origin}/`);
  return { context, page };
}
// Calls something of the application on the page; what it throws ends the journey.
const app = async (page, what, ...given) => {
  await page.waitForFunction(() => globalThis.app);
  return page.evaluate(async ([name, args]) => (await globalThis.app)[name](...args), [what, given]);
};
const leaves = (page, what, ...given) => app(page, what, ...given).catch((error) => assert.match(String(error), /navigation|destroyed/));

// The pages of the provider, which lead away from it then. Consent is asked for once.
async function signs_in(page, consent = false) {
  await page.fill('input[type=email]', email);
  await page.click('form[method=post] button.primary');
  await page.fill('input[type=password]', password);
  await page.click('form[method=post] button.primary');
  if (consent) await page.click('button[value=allow]');
}
const arrived = (page, path) => page.waitForURL((url) => url.origin === origin && url.pathname === path);

const { page } = await visitor();
assert.equal(await app(page, 'user'), null);
const seen = { wrong };

// The sign-in in the same window.
await leaves(page, 'login');
await signs_in(page, true);
await arrived(page, '/callback');
await app(page, 'finish', page.url());
seen.first = await app(page, 'user');
// By the refresh token, from the page.
await app(page, 'refresh');
seen.second = await app(page, 'user');

// An answer that was not asked for with this state, and one to somebody else's request, are refused.
seen.refused = [];
const other = await visitor();
await leaves(other.page, 'login');
await signs_in(other.page);
await arrived(other.page, '/callback');
const stolen = new URL(other.page.url()).searchParams.get('code');
await other.context.close();
const victim = await visitor();
for (const [name, value] of [['state', 'another'], ['code', stolen]]) {
  const { page: here } = victim;
  await here.goto(`${origin}/`);
  await leaves(here, 'login');
  // The provider knows them the second time.
  if (seen.refused.length === 0) await signs_in(here);
  await arrived(here, '/callback');
  const answer = new URL(here.url());
  answer.searchParams.set(name, value);
  seen.refused.push(await app(here, 'finish', String(answer)).then(() => 'taken', (error) => String(error)));
  assert.equal(await app(here, 'user'), null, `with another ${name}`);
}
await victim.context.close();

// In a window of its own, which answers the one that opened it.
if (library === 'oidc_client_ts') {
  const pop = await visitor();
  const opened = pop.page.waitForEvent('popup');
  const done = app(pop.page, 'popup');
  await signs_in(await opened);
  await done;
  seen.popup = await app(pop.page, 'user');
  await pop.context.close();
}

await leaves(page, 'logout');
await arrived(page, '/left');
seen.after = await app(page, 'user');
await leaves(page, 'login');
await page.waitForSelector('input[type=email]');
seen.asks = page.url().startsWith(issuer.replace('/platform', ''));

await browser.close();
application.close();
application.closeAllConnections();
console.log(JSON.stringify(seen));
