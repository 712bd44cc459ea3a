/* What the type checker has to know of our pages. Only `make types` reads this file.
   docs/page-and-script.md explains the elements, attributes and events. */

/** Elements that script finds by their id; `null` where a page may come without it. */
interface PageElements extends Record<
  'app' | 'problem' | 'progress' | 'said' | 'live-updates' | 'frame-ruler' | 'records' | 'no-match' | 'toasts'
  | 'show-shortcuts' | 'group-results' | 'in-crm' | 'record' | 'customers' | 'summary' | 'next'
  | 'not-asked' | 'freed' | 'hits' | 'choose-in-crm' | 'outcome' | 'choice' | 'for-new' | 'for-existing'
  | 'picks' | 'pick-new' | 'no-pick' | 'already' | 'renewing',
  HTMLElement
>, Record<
  'offline' | 'unanswered' | 'record-placeholder' | 'removal-countdown' | 'removal-preview' | 'record-counts'
  | 'outcome-counts' | 'main-pill' | 'marked' | 'match-name' | 'match-phone' | 'match-detail' | 'failed',
  HTMLTemplateElement
>, Record<
  'status' | 'outcomes' | 'outcomes-foot' | 'outcomes-sum' | 'record-title' | 'notice' | 'booked' | 'persons'
  | 'count' | 'choosing' | 'more-picks',
  HTMLElement | null
>, Record<
  'undo' | 'removal' | 'book' | 'make-booking',
  HTMLFormElement | null
>, Record<
  'search' | 'select-all' | 'letters' | 'chosen' | 'pick' | 'replace',
  HTMLInputElement
>, Record<
  'new-record' | 'card' | 'deal' | 'again' | 'open',
  HTMLFormElement
>, Record<
  'remove-selected' | 'save' | 'discard' | 'put',
  HTMLButtonElement
> {
  'outcomes-progress': HTMLProgressElement | null;
  editor: (HTMLFormElement & { elements: { note: HTMLTextAreaElement, base_note: HTMLInputElement } }) | null;
  'call-results': (HTMLFormElement & { elements: { at: HTMLInputElement } }) | null;
  'add-customer': HTMLInputElement | null;
}

interface Document {
  getElementById<Id extends keyof PageElements>(id: Id): PageElements[Id];
}

/** `data-*` attributes by their names in script. The second ones may be missing where they are read. */
interface DOMStringMap extends Record<
  'added' | 'armed' | 'batch' | 'chosenTime' | 'count' | 'countdown' | 'customers' | 'discardUrl' | 'done'
  | 'filter' | 'flags' | 'into' | 'key' | 'keys' | 'main' | 'matches' | 'moved' | 'name' | 'new' | 'note'
  | 'noteChanged' | 'orderChanged' | 'people' | 'persons' | 'phones' | 'recent' | 'records' | 'refresh'
  | 'refused' | 'removed' | 'renew' | 'rows' | 'sdk' | 'search' | 'seen' | 'start' | 'text' | 'title'
  | 'until' | 'url' | 'verify',
  string
>, Partial<Record<
  'age' | 'ahead' | 'begins' | 'copied' | 'day' | 'days' | 'dialog' | 'draft' | 'fullForm' | 'gone'
  | 'keepsEditor' | 'mark' | 'messages' | 'open' | 'order' | 'outcome' | 'panel' | 'path' | 'pressAfter'
  | 'recheck' | 'record' | 'said' | 'saving' | 'selectSeveral' | 'since' | 'theme' | 'typed' | 'unreachable'
  | 'user',
  string
>> {}

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
