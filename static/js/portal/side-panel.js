/* The main page in a side panel of the portal, over a card. *Back* closes the panel as if it were a page.
   Only the app in the panel can close it, so the card asks for that on a channel. */
import { portalFrame } from './frame.js';

const CHANNEL = 'side-panel';

/** Opens a record; resolves when the panel is closed. Rejects outside of a portal.
    @param {string} record @param {string} as what it is opened for: `record`, or `book` for free times */
export async function openInSidePanel(record, as) {
  const { slider } = await portalFrame();
  const channel = new BroadcastChannel(CHANNEL);
  const onBack = () => channel.postMessage(record);
  history.pushState(CHANNEL, '');
  window.addEventListener('popstate', onBack);
  await slider.openSliderAppPage({ [as]: record, bx24_title: document.body.dataset.title });
  window.removeEventListener('popstate', onBack);
  channel.close();
  if (history.state === CHANNEL) history.back();
}

/** Lets *Back* in a card close this panel, if nothing is in the way.
    @param {() => Promise<boolean>} mayClose */
export function closeOnBack(mayClose) {
  new BroadcastChannel(CHANNEL).addEventListener('message', async () => {
    if (await mayClose()) await portalFrame().then(({ slider }) => slider.closeSliderAppPage());
  });
}
