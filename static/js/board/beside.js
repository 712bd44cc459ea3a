/* Where the page is a panel over a card, *Back* closes it. Loaded after the page is there. */
import { closeOnBack } from '../portal/beside.js';
import { mayLeave } from '../record/editor.js';

closeOnBack(mayLeave);
