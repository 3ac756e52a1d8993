// The page of an application with oidc-client-ts.
import { UserManager } from 'oidc-client-ts';

export function start({ issuer, client_id, origin }) {
  const manager = new UserManager({
    authority: issuer,
    client_id,
    redirect_uri: `${origin}/callback`,
    post_logout_redirect_uri: `${origin}/left`,
    scope: 'openid profile email offline_access',
    loadUserInfo: true,
    automaticSilentRenew: false,
  });
  // In a window of its own it answers the one that opened it.
  if (globalThis.opener) manager.signinCallback();
  return {
    login: () => manager.signinRedirect(),
    finish: async (url) => {
      await manager.signinRedirectCallback(url).catch(({ error, message }) => { throw new Error(error ?? message); });
    },
    popup: () => manager.signinPopup().then(() => undefined),
    refresh: () => manager.signinSilent().then(() => undefined),
    logout: () => manager.signoutRedirect(),
    user: async () => {
      const user = await manager.getUser();
      return user && { userinfo: user.profile, access_token: user.access_token };
    },
  };
}
