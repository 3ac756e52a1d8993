#!/usr/bin/env node
/* Acceptance check: drive the unmodified @scalekit-sdk/node against a base URL.

   usage: node scalekit_check.cjs BASE_URL CLIENT_ID CLIENT_SECRET [--issuer URL] [--sdk DIR] [--extended] [--keep]

   BASE_URL may be http:// (the SDK then speaks cleartext HTTP/2 with prior knowledge for gRPC and HTTP/1.1 for the
   token and key endpoints) or https:// (start node with NODE_EXTRA_CA_CERTS=/path/ca.pem for a private root).
   --sdk DIR  directory that contains node_modules/@scalekit-sdk/node (default: this directory, then the current one).
   Prints PASS|FAIL|SKIP lines and a RESULT line.  Exit status 0 = all core steps pass, 1 = a core step failed, 2 = usage. */
'use strict';
const path = require('path'), crypto = require('crypto'), { createRequire } = require('module');
const argv = process.argv.slice(2), pos = [], opt = {};
for (let i = 0; i < argv.length; i++) {
  if (argv[i] === '--extended' || argv[i] === '--keep') opt[argv[i].slice(2)] = true;
  else if (argv[i] === '--sdk' || argv[i] === '--issuer') opt[argv[i].slice(2)] = argv[++i];
  else pos.push(argv[i]);
}
if (pos.length !== 3) { console.log('usage: scalekit_check.cjs BASE_URL CLIENT_ID CLIENT_SECRET [--issuer URL] [--sdk DIR] [--extended] [--keep]'); process.exit(2); }
for (const k of ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY']) delete process.env[k];
let sdk, ver;
for (const d of [opt.sdk, __dirname, process.cwd()].filter(Boolean)) {
  try { const r = createRequire(path.join(path.resolve(d), 'x.js')); sdk = r('@scalekit-sdk/node'); ver = r('@scalekit-sdk/node/package.json').version; break; } catch (e) { if (e.code !== 'MODULE_NOT_FOUND' && e.code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') { console.log('FAIL import', e.message); process.exit(2); } }
}
if (!sdk) { console.log('FAIL import @scalekit-sdk/node not found; run npm install here or pass --sdk DIR'); process.exit(2); }
const { ScalekitClient } = sdk;
const base = pos[0].replace(/\/+$/, ''), issuer = (opt.issuer || base).replace(/\/+$/, ''), [, id, secret] = pos;
const uniq = crypto.randomBytes(5).toString('hex');
const S = { extra: [], extraUsers: [] }, coreFail = [], extFail = [];
let pass = 0, skip = 0;
class Skip extends Error {}
const need = (k) => { if (!S[k]) throw new Skip('needs ' + k); return S[k]; };
const ok = (cond, why) => { if (!cond) throw new Error('assert: ' + why); };
const str = (e) => `${e.name} code=${e.errorCode ?? '-'} http=${e.httpStatus ?? (e.response && e.response.status) ?? '-'} ${String(e.message).split('\n').join(' ').slice(0, 240)}`;
async function step(name, fn, { core = true, optional = false } = {}) {
  try { const d = await fn(); pass++; console.log('PASS', name, typeof d === 'string' ? d : ''); return true; }
  catch (e) {
    if (e instanceof Skip) { skip++; console.log('SKIP', name, e.message); }
    else if (optional && e.name === 'ScalekitNotImplementedException') { skip++; console.log('SKIP', name, 'unimplemented'); }
    else { (core ? coreFail : extFail).push(name); console.log('FAIL', name, str(e)); }
    return false;
  }
}
async function throws(fn, names, why) {
  let r; try { r = await fn(); } catch (e) { ok(names.includes(e.name), `${why}: got ${str(e)}`); return e; }
  const x = new Error(`assert: ${why}: the call succeeded`); x.result = r; throw x;
}
const tsOk = (t) => !!t && Number(t.seconds) > 0;

(async () => {
  console.log(`INFO @scalekit-sdk/node ${ver || '2.11.0?'} node ${process.version} url=${base}`);
  const c = new ScalekitClient(base, id, secret);
  await step('organization.listOrganization(lazy login)', async () => {
    ok(!c.coreClient.accessToken, 'client starts without a token');
    const r = await c.organization.listOrganization({ pageSize: 10 });
    ok(c.coreClient.accessToken, 'logged in after UNAUTHENTICATED');
    return `total_size=${r.totalSize}`;
  });
  await step('organization.createOrganization', async () => {
    const { organization: o } = await c.organization.createOrganization('SDK check ' + uniq, { externalId: 'ext-' + uniq });
    ok(o.id.startsWith('org_'), o.id); S.org = o.id; S.orgObj = o; ok(o.displayName === 'SDK check ' + uniq, 'display name'); return o.id;
  });
  await step('organization.createOrganization.fields', async () => { const o = need('orgObj'); ok(o.externalId === 'ext-' + uniq, 'external_id'); ok(tsOk(o.createTime), 'create_time'); });
  await step('organization.getOrganization', async () => { ok((await c.organization.getOrganization(need('org'))).organization.id === S.org, 'id'); });
  await step('organization.getOrganizationByExternalId', async () => { need('org'); ok((await c.organization.getOrganizationByExternalId('ext-' + uniq)).organization.id === S.org, 'id'); });
  await step('organization.updateOrganization(partial)', async () => {
    const { organization: o } = await c.organization.updateOrganization(need('org'), { displayName: 'SDK check 2 ' + uniq });
    ok(o.displayName === 'SDK check 2 ' + uniq, 'display name'); ok(o.externalId === 'ext-' + uniq, 'external_id must stay');
  });
  await step('error_mapping.not_found', async () => { const e = await throws(() => c.organization.getOrganization('org_1'), ['ScalekitNotFoundException'], 'unknown organisation'); ok(e.errorCode, 'no ErrorInfo detail'); return e.errorCode; });
  await step('error_mapping.invalid_argument', async () => {
    try { const e = await throws(() => c.organization.createOrganization(''), ['ScalekitBadRequestException'], 'empty display_name'); return String(e.errorCode); }
    catch (x) { if (x.result) S.extra.push(x.result.organization.id); throw x; }
  });
  await step('user.createUserAndMembership', async () => {
    const { user: u } = await c.user.createUserAndMembership(need('org'), { email: `sdk-${uniq}@example.com`, externalId: 'u-' + uniq, userProfile: { firstName: 'John', lastName: 'Doe' }, metadata: { team: 'checks' }, sendInvitationEmail: false });
    ok(u.id.startsWith('usr_'), u.id); S.user = u.id; S.userObj = u; ok(u.email === `sdk-${uniq}@example.com`, 'email'); return u.id;
  });
  await step('user.createUserAndMembership.fields', async () => {
    const u = need('userObj'); ok(u.id.length >= 19 && u.id.length <= 25, 'id length ' + u.id.length);
    ok(u.userProfile && u.userProfile.givenName === 'John' && u.userProfile.familyName === 'Doe', 'first_name/last_name (21/22) must come back as given_name/family_name');
    ok(u.externalId === 'u-' + uniq && u.metadata.team === 'checks', 'external_id, metadata'); ok(u.memberships.some((m) => m.organizationId === S.org), 'membership'); ok(tsOk(u.createTime), 'create_time');
  });
  await step('error_mapping.conflict', async () => {
    need('user');
    try { const e = await throws(() => c.user.createUserAndMembership(S.org, { email: `sdk-${uniq}@example.com`, sendInvitationEmail: false }), ['ScalekitConflictException', 'ScalekitBadRequestException'], 'same email twice'); return `${e.name} ${e.errorCode}`; }
    catch (x) { if (x.result && x.result.user.id !== S.user) S.extraUsers.push(x.result.user.id); throw x; }
  }, { core: false }); // expected by us, not documented by the vendor
  await step('user.listOrganizationUsers', async () => { const r = await c.user.listOrganizationUsers(need('org'), { pageSize: 10 }); ok(r.users.some((u) => u.id === need('user')), 'user listed'); return `total_size=${r.totalSize}`; });
  await step('user.listUsers', async () => { const r = await c.user.listUsers({ pageSize: 10 }); ok(r.users.length >= 1, 'users'); return `total_size=${r.totalSize}`; });
  await step('user.getUser(+externalId)', async () => { ok((await c.user.getUser(need('user'))).user.id === S.user, 'id'); ok((await c.user.getUserByExternalId('u-' + uniq)).user.id === S.user, 'external id'); });
  await step('user.updateUser(partial)', async () => {
    const { user: u } = await c.user.updateUser(need('user'), { userProfile: { firstName: 'Jane' } });
    ok(u.userProfile.givenName === 'Jane', 'given_name'); return `family_name=${u.userProfile.familyName}`;
  });
  await step('organization.paging', async () => {
    need('org'); const x = (await c.organization.createOrganization('SDK page ' + uniq)).organization.id; S.extra.push(x);
    const seen = new Set(); let t = '', n = 0;
    do { const r = await c.organization.listOrganization({ pageSize: 1, pageToken: t }); n++; ok(r.organizations.length <= 1, 'page_size ignored'); for (const o of r.organizations) { ok(!seen.has(o.id), 'repeated'); seen.add(o.id); } t = r.nextPageToken; } while (t && n < 200 && !(seen.has(x) && seen.has(S.org)));
    ok(seen.has(x) && seen.has(S.org), 'organisations missing'); return n + ' pages';
  });
  await step('token.getClientAccessToken+validate', async () => {
    const t = await c.getClientAccessToken(); S.tok = t; ok(t.split('.').length === 3, 'JWT'); ok((await c.validateAccessToken(t)) === true, 'validateAccessToken');
    const p = await c.validateToken(t, { issuer }); for (const k of ['iss', 'sub', 'exp', 'iat']) ok(k in p, 'claim ' + k); return 'claims=' + Object.keys(p).sort().join(',');
  });
  await step('token.tampered_is_rejected', async () => { const [h, p, s] = need('tok').split('.'); const i = s.length >> 1; ok((await c.validateAccessToken([h, p, s.slice(0, i) + (s[i] === 'A' ? 'B' : 'A') + s.slice(i + 1)].join('.'))) === false, 'accepted'); });
  await step('token.reauthenticate_on_unauthenticated', async () => { c.coreClient.accessToken = 'not-a-token'; await c.organization.listOrganization({ pageSize: 1 }); ok(c.coreClient.accessToken !== 'not-a-token', 'bad token accepted'); });
  await step('token.wrong_secret_is_401', async () => {
    const bad = new ScalekitClient(base, id, secret + '-wrong');
    const e = await throws(() => bad.getClientAccessToken(), ['ScalekitUnauthorizedException'], 'wrong secret'); return JSON.stringify(e.errDetails).slice(0, 120);
  });
  await step('url.getAuthorizationUrl', async () => {
    const u = new URL(c.getAuthorizationUrl('https://app.example/cb', { state: 'st', organizationId: 'org_1', loginHint: 'x@y.z' }));
    ok(u.pathname === '/oauth/authorize' && u.searchParams.get('response_type') === 'code' && u.searchParams.get('client_id') === id && u.searchParams.get('scope') === 'openid profile email', 'query');
    const r = await fetchNoRedirect(u.href); ok(r !== 404 && r < 500, 'GET -> ' + r); return 'GET -> ' + r;
  });
  await step('url.getLogoutUrl', async () => { const u = new URL(c.getLogoutUrl({ idTokenHint: 'i', postLogoutRedirectUri: 'https://app.example/', state: 's' })); ok(u.pathname === '/oidc/logout', u.pathname); });
  await step('webhook.verifyWebhookPayload', async () => {
    const raw = crypto.randomBytes(24), ts = String(Math.floor(Date.now() / 1000)), body = '{"id":"evt_1"}';
    const sig = crypto.createHmac('sha256', raw).update(`msg_1.${ts}.${body}`).digest('base64');
    ok(c.verifyWebhookPayload('whsec_' + raw.toString('base64'), { 'webhook-id': 'msg_1', 'webhook-timestamp': ts, 'webhook-signature': 'v1,' + sig }, body) === true, 'verify'); return 'client-side algorithm only';
  });
  if (opt.extended) {
    const X = { core: false, optional: true };
    await step('ext.roles', async () => { const n = 'chk_role_' + uniq; const { role } = await c.role.createRole({ name: n, displayName: 'Check role', description: 'd' }); ok(role.name === n && role.id.startsWith('role'), 'role'); ok((await c.role.listRoles()).roles.some((r) => r.name === n), 'list'); await c.role.deleteRole(n); }, X);
    await step('ext.permissions', async () => { const n = 'chk:' + uniq; ok((await c.permission.createPermission({ name: n, description: 'd' })).permission.name === n, 'name'); ok((await c.permission.listPermissions()).permissions.some((p) => p.name === n), 'list'); await c.permission.deletePermission(n); }, X);
    await step('ext.m2m_clients', async () => {
      const r = await c.m2m.createOrganizationClient(need('org'), { name: 'svc ' + uniq, description: 'd', scopes: ['a:read'] }); const cid = r.client.clientId;
      ok(cid.startsWith('m2morg_') && r.plainSecret, 'ids'); const t = await c.generateClientToken(cid, r.plainSecret); const p = await c.validateToken(t, { requiredScopes: ['a:read'] }); ok(p.sub === cid && p.oid === S.org, 'claims');
      ok((await c.m2m.listOrganizationClients(S.org, { pageSize: 10 })).clients.some((x) => x.clientId === cid), 'list'); await c.m2m.deleteOrganizationClient(S.org, cid); return cid;
    }, X);
    await step('ext.api_tokens', async () => {
      const r = await c.token.createToken(need('org'), { description: 'chk' }); ok(r.token && r.tokenId.startsWith('apit_'), 'ids'); ok((await c.token.validateToken(r.token)).tokenInfo.organizationId === S.org, 'validate');
      await c.token.invalidateToken(r.token); await throws(() => c.token.validateToken(r.token), ['ScalekitValidateTokenFailureException'], 'invalidated token');
    }, X);
    await step('ext.domains', async () => { const { domain: d } = await c.domain.createDomain(need('org'), `n${uniq}.example.com`); ok(d.id.startsWith('dom_'), d.id); ok((await c.domain.listDomains(S.org)).domains.some((x) => x.id === d.id), 'list'); await c.domain.deleteDomain(S.org, d.id); }, X);
    await step('ext.connections.list', async () => `${(await c.connection.listConnections(need('org'))).connections.length} connections`, X);
    await step('ext.directories.list', async () => `${(await c.directory.listDirectories(need('org'))).directories.length} directories`, X);
    await step('ext.sessions', async () => `${(await c.session.getUserSessions(need('user'))).totalSize} sessions`, X);
    await step('ext.webauthn.listCredentials', async () => `${(await c.webauthn.listCredentials(need('user'))).credentials.length} credentials`, X);
    await step('ext.user.listUserRoles', async () => `${(await c.user.listUserRoles(need('org'), need('user'))).roles.length} roles`, X);
    await step('ext.portal_link', async () => (await c.organization.generatePortalLink(need('org'))).location.slice(0, 60), X);
    await step('ext.passwordless.send', async () => (await c.passwordless.sendPasswordlessEmail(`sdk-${uniq}@example.com`)).authRequestId.slice(0, 20), X);
  }
  if (!opt.keep) {
    for (const u of [...S.extraUsers, S.user].filter(Boolean)) await step('user.deleteUser', async () => { await c.user.deleteUser(u); });
    for (const o of [...S.extra, S.org].filter(Boolean)) await step('organization.deleteOrganization', async () => { await c.organization.deleteOrganization(o); });
  }
  console.log(`RESULT ${coreFail.length ? 'FAIL' : 'PASS'} passed=${pass} skipped=${skip} core_failed=${coreFail.join(',') || '-'} extended_failed=${extFail.join(',') || '-'}`);
  setTimeout(() => process.exit(coreFail.length ? 1 : 0), 50);
})().catch((e) => { console.log('FAIL harness', e.stack); process.exit(2); });

function fetchNoRedirect(href) {
  const mod = href.startsWith('https:') ? require('https') : require('http');
  return new Promise((res, rej) => { const r = mod.get(href, (m) => { m.resume(); res(m.statusCode); }); r.on('error', rej); r.setTimeout(20000, () => r.destroy(new Error('timeout'))); });
}
