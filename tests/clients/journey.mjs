// The whole way of a web application with openid-client: sign-in, refresh, userinfo, introspection, revocation, logout.
// Reads what it needs from stdin as JSON; prints what it saw. Whatever the library refuses ends it with an error.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as client from 'openid-client';
import { Person } from './person.mjs';

const told = JSON.parse(readFileSync(0, 'utf8'));
const { issuer, client_id, client_secret, redirect_uri, post_logout_redirect_uri } = told;
const insecure = issuer.startsWith('http://') ? [client.allowInsecureRequests] : [];
const options = { execute: [...insecure, client.enableNonRepudiationChecks], timeout: 20 };
const config = await client.discovery(new URL(issuer), client_id, client_secret, client.ClientSecretBasic(client_secret), options);
assert.equal(config.serverMetadata().issuer, issuer);
assert.ok(config.serverMetadata().supportsPKCE());

const person = new Person(told);
const stops = [redirect_uri, post_logout_redirect_uri];

// One request and its answer at the client.
async function request(more) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const checks = { pkceCodeVerifier, expectedState: client.randomState(), expectedNonce: client.randomNonce(), idTokenExpected: true };
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri,
    scope: 'openid profile email offline_access',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...more,
  });
  const back = await person.go(url, stops);
  assert.ok(back.url, `not at the client: ${back.status} ${back.page}`);
  return client.authorizationCodeGrant(config, back.url, checks);
}

const active = async (token) => (await client.tokenIntrospection(config, token)).active;
const status = (call) => call.then(() => 200, (error) => error.status ?? error.cause?.status ?? error.response?.status ?? String(error));

const first = await request({ prompt: 'consent' });
const { sub } = first.claims();
const userinfo = await client.fetchUserInfo(config, first.access_token, sub);
assert.equal(await active(first.access_token), true);

const second = await client.refreshTokenGrant(config, first.refresh_token);
assert.notEqual(second.access_token, first.access_token);
assert.equal(second.claims()?.sub ?? sub, sub);
await client.fetchUserInfo(config, second.access_token, sub);
const introspected = await client.tokenIntrospection(config, second.access_token);

const silent = await request({ prompt: 'none', scope: 'openid' });
assert.equal(silent.claims().sub, sub);

await client.tokenRevocation(config, second.refresh_token ?? first.refresh_token);
const after = { active: await active(second.access_token), userinfo: await status(client.fetchUserInfo(config, second.access_token, sub)) };

const state = client.randomState();
const logout = client.buildEndSessionUrl(config, { post_logout_redirect_uri, id_token_hint: silent.id_token, state });
const left = await person.go(logout, stops);
assert.equal(left.url?.searchParams.get('state'), state, `not led back: ${left.page}`);
const signed_out = await request({ prompt: 'none' }).then(() => 'still signed in', (error) => error.error);
const ended = await active(silent.access_token);

const scopes = first.scope;
console.log(JSON.stringify({ sub, email: userinfo.email, name: userinfo.name, scopes, introspected, after, signed_out, ended }));
