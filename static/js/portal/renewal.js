/* Renews the frame session: the portal vouches for the user again. */
import { portalFrame } from './frame.js';

/** Resolves to the fields of a launch, with a fresh token that the portal is asked for. */
export async function freshLaunch() {
  const b24 = await portalFrame();
  const auth = await b24.auth.refreshAuth();
  if (!auth) throw new Error('the portal gave no fresh token');
  const origin = new URL(auth.domain);
  return {
    AUTH_ID: auth.access_token,
    AUTH_EXPIRES: String(Math.max(1, Math.round(auth.expires - Date.now() / 1000))),
    REFRESH_ID: auth.refresh_token,
    DOMAIN: origin.host,
    PROTOCOL: origin.protocol === 'https:' ? '1' : '0',
    member_id: auth.member_id,
    LANG: b24.getLang(),
  };
}

/** Resolves to a new session in place of an old one; rejects when there is none.
    @param {string} old @returns {Promise<string>} */
export async function renewed(old) {
  const body = new URLSearchParams(await freshLaunch());
  const answer = await fetch(document.body.dataset.renew, { method: 'POST', body, headers: { 'X-Frame-Session': old } });
  if (!answer.ok) throw new Error(`no new session: ${answer.status}`);
  return (await answer.json()).session;
}
