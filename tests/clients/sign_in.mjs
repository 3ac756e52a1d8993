// Somebody with a second factor signs in to an application on another origin, in Chromium, under the policy that ships: the
// redirect after the form, consent, the form that posts itself, the choice of account, signing out.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Eyes } from './browser.mjs';
import { totp } from './totp.mjs';

const told = JSON.parse(readFileSync(0, 'utf8'));
const { url, email, password, pictures, client_id, client_secret, port } = told;
const api = async (method, path, body, token) => {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(url + path, { method, headers, body: JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${path}: ${answer.status} ${text}`);
  return JSON.parse(text).data;
};

// The second factor is set up through the API.
const { access_token } = await api('POST', '/api/v1/auth/login', { email, password });
const { secret } = await api('POST', '/api/v1/me/mfa/totp/setup', {}, access_token);
await api('POST', '/api/v1/me/mfa/totp/confirm', { code: totp(secret) }, access_token);

// The application, on an origin of its own.
const origin = `http://localhost:${port}`;
const posted = [];
const application = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  if (request.method === 'POST') posted.push(new URLSearchParams(body));
  response.setHeader('content-type', 'text/html');
  response.end('<!doctype html><html lang="en"><title>Application</title><h1>The application</h1>');
});
application.listen(port, '127.0.0.1');

const metadata = await (await fetch(`${url}/platform/.well-known/openid-configuration`)).json();
const verifier = randomBytes(32).toString('base64url');
const ask = (more) => {
  const at = new URL(metadata.authorization_endpoint);
  const code_challenge = createHash('sha256').update(verifier).digest('base64url');
  const fields = { response_type: 'code', client_id, redirect_uri: `${origin}/cb`, scope: 'openid profile email', state: 's1', code_challenge, code_challenge_method: 'S256', ...more };
  at.search = new URLSearchParams(fields);
  return String(at);
};

const eyes = new Eyes(pictures);
await eyes.open();
const { page } = eyes;
const submit = () => Promise.all([page.waitForNavigation(), page.click('form[method=post] button.primary')]);
const arrived = async (path) => {
  await page.waitForURL((at) => String(at).startsWith(origin + path));
  return new URL(page.url()).searchParams;
};

// A link on a page of the application.
await page.goto(`${origin}/`);
await Promise.all([page.waitForNavigation(), page.evaluate((to) => { location.href = to; }, ask({}))]);
assert.ok(page.url().startsWith(url));
await eyes.look('hosted-identify');
await page.fill('input[type=email]', email);
await submit();
await eyes.look('hosted-password');
await page.fill('input[type=password]', 'not the password');
await submit();
await eyes.look('hosted-password-refused');
await page.fill('input[type=password]', password);
await submit();
await eyes.look('hosted-code');
const code = 'input[autocomplete=one-time-code]';
await page.fill(code, '000000');
await submit();
await eyes.look('hosted-code-refused');
await page.fill(code, totp(secret, 1));
await submit();
await eyes.look('hosted-consent');
await page.click('button[value=allow]');
const back = await arrived('/cb');
assert.equal(back.get('state'), 's1');
assert.equal(back.get('iss'), metadata.issuer);

const answer = await fetch(metadata.token_endpoint, {
  method: 'POST',
  headers: { authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` },
  body: new URLSearchParams({ grant_type: 'authorization_code', code: back.get('code'), redirect_uri: `${origin}/cb`, code_verifier: verifier }),
});
const tokens = await answer.json();
assert.ok(tokens.id_token, JSON.stringify(tokens));
const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url'));
assert.ok(claims.amr.includes('otp') || claims.amr.includes('mfa'), JSON.stringify(claims));

// Signed in and agreed: nothing is asked.
await page.goto(ask({ state: 's2', prompt: 'none' }));
assert.ok((await arrived('/cb')).get('code'));

// The form that posts itself, under the policy of its page.
await page.goto(ask({ state: 's3', response_mode: 'form_post' })).catch((error) => assert.match(String(error), /interrupted|ERR_ABORTED/));
await arrived('/cb');
assert.equal(posted.at(-1)?.get('state'), 's3');
assert.equal(new URL(page.url()).search, '');

await page.goto(ask({ prompt: 'select_account' }));
await eyes.look('hosted-accounts');
await page.goto(ask({ prompt: 'login' }));
await eyes.look('hosted-sign-in-again');
await page.goto(ask({ redirect_uri: `${origin}/elsewhere` }));
await eyes.look('hosted-foreign-redirect-uri');
await page.goto(ask({ client_id: 'skc_999' }));
await eyes.look('hosted-unknown-client');

await page.goto(metadata.end_session_endpoint);
await eyes.look('hosted-logout');
const end = new URL(metadata.end_session_endpoint);
end.search = new URLSearchParams({ id_token_hint: tokens.id_token, post_logout_redirect_uri: `${origin}/bye`, state: 's4' });
await page.goto(String(end));
if (!page.url().startsWith(origin)) await submit();
assert.equal((await arrived('/bye')).get('state'), 's4');
await page.goto(ask({ state: 's5', prompt: 'none' }));
assert.equal((await arrived('/cb')).get('error'), 'login_required');
await page.goto(metadata.end_session_endpoint);
await eyes.look('hosted-signed-out');

await eyes.browser.close();
application.close();
application.closeAllConnections();
console.log(JSON.stringify({ seen: eyes.seen, wrong: eyes.wrong }));
