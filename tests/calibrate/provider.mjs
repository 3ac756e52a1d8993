// An OpenID provider that is known to be certified, on a port of the loopback interface, to try the ported modules on.
// Writes its description to the file that is named, as tests/it/conformance/provider.rs reads it.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const redirect_uri = 'https://rp.example/cb';
const post_logout_redirect_uri = 'https://rp.example/bye';
const client = (client_id, token_endpoint_auth_method) => ({
  client_id,
  client_secret: `secret-of-${client_id}-0123456789`,
  token_endpoint_auth_method,
  redirect_uris: [redirect_uri],
  post_logout_redirect_uris: [post_logout_redirect_uri],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
});
const clients = {
  basic: client('basic', 'client_secret_basic'),
  post: client('post', 'client_secret_post'),
  other: client('other', 'client_secret_basic'),
};
const person = {
  name: 'Jane Mary Doe',
  given_name: 'Jane',
  middle_name: 'Mary',
  family_name: 'Doe',
  nickname: 'jd',
  preferred_username: 'jane',
  profile: 'https://jane.example/',
  picture: 'https://jane.example/me.jpg',
  website: 'https://jane.example/',
  gender: 'female',
  birthdate: '1990-01-02',
  zoneinfo: 'Europe/Amsterdam',
  locale: 'nl-NL',
  updated_at: 1700000000,
  email: 'jane@example.com',
  email_verified: true,
  phone_number: '+31 20 123 4567',
  phone_number_verified: false,
  address: { street_address: 'Dam 1', locality: 'Amsterdam', postal_code: '1012 JS', country: 'NL' },
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: Object.values(clients),
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...person }) }),
    pkce: { required: () => false },
    acrValues: ['urn:mace:incommon:iap:bronze'],
    scopes: ['openid', 'offline_access'],
    claims: {
      openid: ['sub'],
      profile: Object.keys(person).filter((name) => !/^(email|phone|address)/.test(name)),
      email: ['email', 'email_verified'],
      phone: ['phone_number', 'phone_number_verified'],
      address: ['address'],
    },
    // Off by default: a POST of another site brings no Lax cookies.
    enableHttpPostMethods: true,
    cookies: { keys: ['calibration'], long: { sameSite: 'none' } },
    features: { claimsParameter: { enabled: true }, introspection: { enabled: true }, revocation: { enabled: true } },
    ttl: { AccessToken: 3600, AuthorizationCode: 60, IdToken: 3600, Interaction: 3600, Session: 36000, Grant: 36000, RefreshToken: 86400 },
  });
  server.on('request', provider.callback());
  const secrets = Object.fromEntries(Object.entries(clients).map(([name, { client_id, client_secret }]) => [name, { id: client_id, secret: client_secret }]));
  writeFileSync(process.argv[2], JSON.stringify({
    discovery: `${issuer}/.well-known/openid-configuration`,
    clients: secrets,
    redirect_uri,
    post_logout_redirect_uri,
    // A code outlives a wrong verifier and the wrong client; a JWT cannot be introspected; confidential clients keep their
    // refresh token.
    differs: [
      'a_wrong_verifier_ends_the_code',
      'a_code_is_for_one_client',
      'an_id_token_is_no_access_token',
      'a_replay_after_use_ends_the_family',
    ],
    login: person.email,
    password: 'any password will do',
  }));
});
