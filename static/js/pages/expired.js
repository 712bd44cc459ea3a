/* A reloaded frame posts its old launch again. The portal gives a fresh token, and the launch is
   repeated with it. */
import { followHeight, freshLaunch } from '../core/portal-frame.js';

const form = document.getElementById('again');

function fail() {
  const failed = document.getElementById('failed').content.cloneNode(true);
  document.getElementById('renewing').replaceWith(failed);
}

function setField(name, value) {
  let field = form.elements[name];
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
  if (!form.elements.LANG) setField('LANG', LANG);
  for (const [name, value] of Object.entries(fresh)) setField(name, value);
  form.submit();
}

launchAgain().catch(fail);
followHeight(document.getElementById('app'));
