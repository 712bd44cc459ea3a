/* The portal around this page. Everything here is a bonus: nothing on the page waits for it. */

const START_TIMEOUT = 10_000;
const SMALLEST_STEP = 2;
const SETTLE = 50;
let opening = null;

/** The official SDK, loaded when first needed. Rejects outside of a portal. */
export function portalFrame() {
  if (!opening) {
    opening = open();
    opening.catch(() => { opening = null; });
  }
  return opening;
}

export const inPortal = () => window.parent !== window && window.name.split('|').length > 2;

/** What a launch would bring now: the parent is asked for a fresh token. */
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

/** Opens a page of the portal beside the app. */
export async function openInPortal(path) {
  const b24 = await portalFrame();
  await b24.slider.openPath(b24.slider.getUrl(path));
}

export async function nameFrame(title) {
  const b24 = await portalFrame();
  if (b24.placement.isDefault) await b24.parent.setTitle(title);
}

/* The SDK's own fitWindow never shrinks a frame, and its resizeWindowAuto freezes the width. */
export function followHeight(content) {
  let told = 0;
  let timer = 0;
  const tell = async () => {
    const height = heightOf(content);
    if (Math.abs(height - told) < SMALLEST_STEP) return;
    told = height;
    const b24 = await portalFrame();
    await b24.parent.message.send('resizeWindow', { width: '100%', height, isSafely: true });
  };
  const settle = () => {
    clearTimeout(timer);
    timer = setTimeout(() => tell().catch(() => {}), SETTLE);
  };
  new ResizeObserver(settle).observe(content);
  document.addEventListener('overlaychange', settle);
}

function heightOf(content) {
  const overlays = [...content.querySelectorAll('[data-overlay]:not([hidden])')];
  const bottoms = overlays.map((overlay) => overlay.getBoundingClientRect().bottom + window.scrollY + 16);
  return Math.ceil(Math.max(content.getBoundingClientRect().height, ...bottoms));
}

async function open() {
  if (!inPortal()) throw new Error('not in a portal');
  await loadScript(document.body.dataset.sdk);
  return within(START_TIMEOUT, window.B24Js.initializeB24Frame());
}

function loadScript(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.nonce = document.querySelector('script[nonce]').nonce;
    script.src = address;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
}

// The SDK waits for ever when the parent does not answer.
function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('the portal does not answer')), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
