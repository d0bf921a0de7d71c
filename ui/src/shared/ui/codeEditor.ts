import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { json } from '@codemirror/lang-json'
import { markdown } from '@codemirror/lang-markdown'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { Compartment, EditorState, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers, placeholder } from '@codemirror/view'
import { tags } from '@lezer/highlight'

export type CodeLanguage = 'markdown' | 'json'

export interface EditorSetup {
  parent: HTMLElement
  text: string
  language: CodeLanguage
  /** What a screen reader calls it, and where the way out is explained. */
  label: string
  describedBy?: string
  placeholder?: string
  readonly: boolean
  onChange: (text: string) => void
}

/** Colours come from the tokens, so light and dark follow by themselves. */
const look = EditorView.theme({
  '&': { color: 'var(--ui-text)', backgroundColor: 'transparent', fontSize: 'var(--text-sm)', height: '100%' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.375rem', overflow: 'auto' },
  '.cm-content': { padding: '0.5rem 0', caretColor: 'var(--ui-text-highlighted)' },
  '.cm-line': { padding: '0 0.75rem 0 0.5rem' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--ui-text-highlighted)' },
  '.cm-gutters': { color: 'var(--ui-text-dimmed)', backgroundColor: 'var(--ui-bg-muted)', borderRight: '1px solid var(--ui-border-muted)' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in oklab, var(--ui-text) 4%, transparent)' },
  '.cm-activeLineGutter': { color: 'var(--ui-text)', backgroundColor: 'transparent' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in oklab, var(--ui-primary) 28%, transparent)',
  },
  '.cm-placeholder': { color: 'var(--ui-text-dimmed)' },
  '.cm-specialChar': { color: 'var(--ui-error)' },
})

const colours = syntaxHighlighting(HighlightStyle.define([
  { tag: tags.heading, color: 'var(--ui-text-highlighted)', fontWeight: '600' },
  { tag: tags.strong, color: 'var(--ui-text-highlighted)', fontWeight: '600' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strikethrough, textDecoration: 'line-through' },
  { tag: [tags.link, tags.url], color: 'var(--ui-primary)' },
  { tag: tags.quote, color: 'var(--ui-text-muted)', fontStyle: 'italic' },
  { tag: [tags.monospace, tags.string], color: 'var(--ui-success)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--ui-info)' },
  { tag: [tags.keyword, tags.propertyName, tags.labelName, tags.tagName], color: 'var(--ui-primary)' },
  { tag: [tags.comment, tags.meta, tags.processingInstruction, tags.contentSeparator], color: 'var(--ui-text-dimmed)' },
]))

function languageOf(language: CodeLanguage): Extension {
  return language === 'json' ? json() : markdown({ completeHTMLTags: false })
}

/** Tab is not bound: it leaves the editor as it leaves any field. */
export function openEditor(setup: EditorSetup) {
  const access = new Compartment()
  const accessOf = (isReadonly: boolean) => [EditorState.readOnly.of(isReadonly), isReadonly ? [] : highlightActiveLine()]
  const view = new EditorView({
    parent: setup.parent,
    state: EditorState.create({
      doc: setup.text,
      extensions: [
        lineNumbers(), highlightSpecialChars(), history(), drawSelection(), EditorView.lineWrapping,
        keymap.of([...defaultKeymap, ...historyKeymap]), languageOf(setup.language), look, colours,
        setup.placeholder ? placeholder(setup.placeholder) : [],
        access.of(accessOf(setup.readonly)),
        EditorView.contentAttributes.of({ 'aria-label': setup.label, ...setup.describedBy ? { 'aria-describedby': setup.describedBy } : {} }),
        EditorView.updateListener.of(update => { if (update.docChanged) setup.onChange(update.state.doc.toString()) }),
      ],
    }),
  })

  return {
    /** From outside: the place of the cursor is kept where it can be. */
    setText(text: string) {
      if (text === view.state.doc.toString()) return
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } })
    },
    setReadonly(isReadonly: boolean) { view.dispatch({ effects: access.reconfigure(accessOf(isReadonly)) }) },
    focus() { view.focus() },
    close() { view.destroy() },
  }
}
