/* What the type checker has to know of our pages. Only `make types` reads this file.
   docs/page-and-script.md explains the elements, attributes and events. */

/** Elements that script finds by their id; `null` where a page may come without it. */
interface PageElements {
  // Every page
  app: HTMLElement;
  problem: HTMLElement;
  progress: HTMLElement;
  said: HTMLElement;
  offline: HTMLTemplateElement;
  unanswered: HTMLTemplateElement;
  status: HTMLElement | null;
  undo: HTMLFormElement | null;
  'live-updates': HTMLElement;
  // board/
  'frame-ruler': HTMLElement;
  records: HTMLElement;
  search: HTMLInputElement;
  'no-match': HTMLElement;
  'new-record': HTMLFormElement;
  toasts: HTMLElement;
  'record-placeholder': HTMLTemplateElement;
  'removal-countdown': HTMLTemplateElement;
  'removal-preview': HTMLTemplateElement;
  'record-counts': HTMLTemplateElement;
  'outcome-counts': HTMLTemplateElement;
  outcomes: HTMLElement | null;
  'outcomes-foot': HTMLElement | null;
  'outcomes-sum': HTMLElement | null;
  'outcomes-progress': HTMLProgressElement | null;
  'select-all': HTMLInputElement;
  'remove-selected': HTMLButtonElement;
  letters: HTMLInputElement;
  'show-shortcuts': HTMLElement;
  'main-pill': HTMLTemplateElement;
  'group-results': HTMLElement;
  'in-crm': HTMLElement;
  marked: HTMLTemplateElement;
  'match-name': HTMLTemplateElement;
  'match-phone': HTMLTemplateElement;
  'match-detail': HTMLTemplateElement;
  // record/
  record: HTMLElement;
  'record-title': HTMLElement | null;
  notice: HTMLElement | null;
  editor: (HTMLFormElement & { elements: { note: HTMLTextAreaElement, base_note: HTMLInputElement } }) | null;
  customers: HTMLElement;
  summary: HTMLElement;
  save: HTMLButtonElement;
  discard: HTMLButtonElement;
  removal: HTMLFormElement | null;
  'call-results': (HTMLFormElement & { elements: { at: HTMLInputElement } }) | null;
  // booking/
  book: HTMLFormElement | null;
  booked: HTMLElement | null;
  next: HTMLElement;
  'not-asked': HTMLElement;
  freed: HTMLElement;
  'make-booking': HTMLFormElement | null;
  // picker/
  'add-customer': HTMLInputElement | null;
  hits: HTMLElement;
  'choose-in-crm': HTMLElement;
  persons: HTMLElement | null;
  // cards/
  card: HTMLFormElement;
  count: HTMLElement | null;
  deal: HTMLFormElement;
  outcome: HTMLElement;
  choosing: HTMLElement | null;
  chosen: HTMLInputElement;
  choice: HTMLElement;
  'for-new': HTMLElement;
  'for-existing': HTMLElement;
  pick: HTMLInputElement;
  picks: HTMLElement;
  'pick-new': HTMLElement;
  'no-pick': HTMLElement;
  'more-picks': HTMLElement | null;
  replace: HTMLInputElement;
  already: HTMLElement;
  put: HTMLButtonElement;
  // pages/
  again: HTMLFormElement;
  failed: HTMLTemplateElement;
  renewing: HTMLElement;
  open: HTMLFormElement;
}

interface Document {
  getElementById<Id extends keyof PageElements>(id: Id): PageElements[Id];
}

/** `data-*` attributes by their names in script. Those with `?` may be missing where they are read. */
interface DOMStringMap {
  added: string;
  ahead?: string;
  age?: string;
  armed: string;
  batch: string;
  begins?: string;
  chosenTime: string;
  copied?: string;
  count: string;
  countdown: string;
  customers: string;
  day?: string;
  days?: string;
  dialog?: string;
  discardUrl: string;
  done: string;
  draft?: string;
  filter: string;
  flags: string;
  outcome?: string;
  fullForm?: string;
  gone?: string;
  into: string;
  keepsEditor?: string;
  key: string;
  keys: string;
  main: string;
  mark?: string;
  matches: string;
  messages?: string;
  moved: string;
  name: string;
  new: string;
  note: string;
  noteChanged: string;
  open?: string;
  order?: string;
  orderChanged: string;
  panel?: string;
  path?: string;
  people: string;
  persons: string;
  phones: string;
  pressAfter?: string;
  recent: string;
  recheck?: string;
  record?: string;
  records: string;
  refresh: string;
  refused: string;
  removed: string;
  renew: string;
  rows: string;
  said?: string;
  sdk: string;
  saving?: string;
  search: string;
  seen: string;
  selectSeveral?: string;
  since?: string;
  start: string;
  theme?: string;
  text: string;
  title: string;
  typed?: string;
  unreachable?: string;
  until: string;
  url: string;
  user?: string;
  verify: string;
}

/** The element that a selector finds: told by a tag name at its end, or by `[role=option]`. */
type Found<Selector extends string> =
  Selector extends `${string} ${infer Last}` ? Found<Last>
  : Selector extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[Selector]
  : Selector extends `[role=option]${string}` ? HTMLButtonElement
  : Selector extends `${infer Tag}[${string}` ? Tag extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[Tag] : HTMLElement
  : HTMLElement;

interface ParentNode {
  querySelector<Selector extends string>(selector: Selector): Found<Selector> | null;
  querySelectorAll<Selector extends string>(selector: Selector): NodeListOf<Found<Selector>>;
}

interface Element {
  closest<Selector extends string>(selector: Selector): Found<Selector> | null;
}

/** Events of our own, and those of @github/combobox-nav. */
interface GlobalEventHandlersEventMap {
  recordshown: Event;
  scriptready: Event;
  recordsaved: Event;
  overlaychange: Event;
  'combobox-commit': CustomEvent;
}

/** What script listens for comes from HTML elements, and forms are sent by buttons. */
type Happened<Kind> = Kind extends SubmitEvent
  ? Kind & { readonly target: HTMLFormElement; readonly submitter: HTMLButtonElement | null }
  : Kind & { readonly target: HTMLElement };

interface Document {
  addEventListener<Type extends keyof DocumentEventMap>(
    type: Type, listener: (event: Happened<DocumentEventMap[Type]>) => unknown, options?: AddEventListenerOptions,
  ): void;
}

interface HTMLElement {
  addEventListener<Type extends keyof HTMLElementEventMap>(
    type: Type, listener: (event: Happened<HTMLElementEventMap[Type]>) => unknown, options?: AddEventListenerOptions,
  ): void;
}

interface HTMLDialogElement {
  addEventListener<Type extends keyof HTMLElementEventMap>(
    type: Type, listener: (event: Happened<HTMLElementEventMap[Type]>) => unknown, options?: AddEventListenerOptions,
  ): void;
}

interface Window {
  B24Js: typeof import('@bitrix24/b24jssdk');
}

/** What the picker asks of the form around it. */
interface PickerForm {
  /** Returns what the server has to know beside the query. */
  fields(query: string): URLSearchParams;
  /** Takes the row of a chosen customer. */
  pick(row: HTMLElement): void;
  /** Is called for Backspace in the empty field. */
  backspace(): void;
  save(): void;
  announce(words: string): void;
}

/** A record of the list as it is searched. */
interface SearchedRow {
  element: HTMLButtonElement;
  text: string;
  phones: string;
  /** What it is filtered by: '', the group that it belongs into, and more. */
  flags: string[];
}

/** What can be posted: a form's fields, or names and values. */
type Fields = FormData | ConstructorParameters<typeof URLSearchParams>[0];
