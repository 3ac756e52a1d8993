// A web application with passport-openidconnect, which knows a nonce, no PKCE and no refresh.
import { randomBytes } from 'node:crypto';
import express from 'express';
import session from 'express-session';
import passport from 'passport';
import { Strategy } from 'passport-openidconnect';

const { issuer, client_id, client_secret, origin, port } = JSON.parse(process.env.TOLD);
const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();

passport.use('ours', new Strategy({
  issuer: metadata.issuer,
  authorizationURL: metadata.authorization_endpoint,
  tokenURL: metadata.token_endpoint,
  userInfoURL: metadata.userinfo_endpoint,
  clientID: client_id,
  clientSecret: client_secret,
  callbackURL: `${origin}/callback`,
  scope: ['profile', 'email'],
  nonce: true,
}, (iss, uiProfile, idProfile, context, idToken, accessToken, refreshToken, params, done) => {
  done(null, { userinfo: uiProfile._json, access_token: accessToken, id_token: idToken });
}));
passport.serializeUser((user, done) => done(null, user));
passport.deserializeUser((user, done) => done(null, user));

const app = express();
app.use(session({ secret: randomBytes(32).toString('hex'), resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' } }));
app.use(passport.session());
app.get('/login', passport.authenticate('ours'));
app.get('/callback', passport.authenticate('ours', { successRedirect: '/whoami' }));
app.get('/whoami', ({ user }, response) => {
  if (user) response.json({ userinfo: user.userinfo, access_token: user.access_token });
  else response.status(401).end('nobody');
});
app.get('/bye', (request, response, next) => {
  const end = new URL(metadata.end_session_endpoint);
  end.search = new URLSearchParams({ id_token_hint: request.user.id_token, post_logout_redirect_uri: `${origin}/left` });
  request.logout((error) => (error ? next(error) : response.redirect(String(end))));
});
app.get('/left', (request, response) => response.end('signed out'));
app.use((error, request, response, next) => {
  console.error(error);
  response.status(error.status ?? 500).end(String(error.message));
});
app.listen(port, '127.0.0.1');
