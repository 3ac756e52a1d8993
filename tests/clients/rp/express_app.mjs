// A web application with express-openid-connect, which does everything by itself: discovery, PKCE, nonce, refresh, sign-out.
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import express from 'express';

const { auth, requiresAuth } = createRequire(import.meta.url)('express-openid-connect');
const { issuer, client_id, client_secret, origin, port } = JSON.parse(process.env.TOLD);

const app = express();
app.use(auth({
  issuerBaseURL: issuer,
  baseURL: origin,
  clientID: client_id,
  clientSecret: client_secret,
  secret: randomBytes(32).toString('hex'),
  authRequired: false,
  idpLogout: true,
  authorizationParams: { response_type: 'code', scope: 'openid profile email offline_access' },
  routes: { login: false, callback: '/callback', logout: '/bye', postLogoutRedirect: '/left' },
}));
const shown = async (request, response) => {
  response.json({ userinfo: await request.oidc.fetchUserInfo(), access_token: request.oidc.accessToken.access_token });
};
app.get('/login', (request, response) => response.oidc.login({ returnTo: '/whoami' }));
app.get('/whoami', (request, response) => (request.oidc.isAuthenticated() ? shown(request, response) : response.status(401).end('nobody')));
app.get('/refresh', requiresAuth(), async (request, response) => {
  await request.oidc.accessToken.refresh();
  await shown(request, response);
});
app.get('/left', (request, response) => response.end('signed out'));
app.use((error, request, response, next) => {
  console.error(error);
  response.status(error.statusCode ?? 500).end(String(error.message));
});
app.listen(port, '127.0.0.1');
