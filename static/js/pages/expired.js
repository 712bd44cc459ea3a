/* A reloaded frame posts its old launch again. The portal gives a fresh token, and the launch is
   repeated with it. */
import { follow } from '../portal/frame.js';
import { freshLaunch } from '../portal/renewal.js';

const form = document.getElementById('again');

/** @param {string} name @param {string} value */
function setField(name, value) {
  let field = form.querySelector(`input[name="${name}"]`);
  if (!field) {
    field = document.createElement('input');
    field.type = 'hidden';
    field.name = name;
    form.append(field);
  }
  field.value = value;
}

async function launchAgain() {
  const { LANG, ...fresh } = await freshLaunch();
  if (!form.querySelector('input[name=LANG]')) setField('LANG', LANG);
  for (const [name, value] of Object.entries(fresh)) setField(name, value);
  form.submit();
}

launchAgain().catch(() => {
  document.getElementById('renewing').replaceWith(document.getElementById('failed').content);
});
follow(document.title);
