/* For pages that do nothing but show something: keeps the frame as high as they are. */
import { followHeight, nameFrame } from './frame.js';

followHeight(document.getElementById('app'));
nameFrame(document.title).catch(() => {});
