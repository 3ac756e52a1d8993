// The page of an application with angular-oauth2-oidc, without a component: only its service is asked.
import '@angular/compiler';
import { provideHttpClient } from '@angular/common/http';
import { provideZonelessChangeDetection } from '@angular/core';
import { createApplication } from '@angular/platform-browser';
import { OAuthService, provideOAuthClient } from 'angular-oauth2-oidc';
import { JwksValidationHandler } from 'angular-oauth2-oidc-jwks';

export async function start({ issuer, client_id, origin }) {
  const providers = [provideZonelessChangeDetection(), provideHttpClient(), provideOAuthClient()];
  const { injector } = await createApplication({ providers });
  const service = injector.get(OAuthService);
  service.configure({
    issuer,
    clientId: client_id,
    redirectUri: `${origin}/callback`,
    postLogoutRedirectUri: `${origin}/left`,
    responseType: 'code',
    scope: 'openid profile email offline_access',
    requireHttps: false,
    // Otherwise every endpoint has to begin with the issuer, which no standard asks for.
    strictDiscoveryDocumentValidation: false,
  });
  service.tokenValidationHandler = new JwksValidationHandler();
  await service.loadDiscoveryDocument();
  return {
    login: () => service.initCodeFlow(),
    finish: async (url) => {
      const refused = ({ type, error }) => { throw new Error(error?.error ?? type); };
      if (!(await service.tryLogin({ customHashFragment: new URL(url).search }).catch(refused))) throw new Error('nobody');
    },
    refresh: () => service.refreshToken().then(() => undefined),
    logout: () => service.logOut(),
    user: async () => {
      if (!service.hasValidIdToken()) return null;
      const { info } = await service.loadUserProfile();
      return { userinfo: info, access_token: service.getAccessToken() };
    },
  };
}
