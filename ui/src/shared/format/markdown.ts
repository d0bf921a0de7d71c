import DOMPurify from 'dompurify'
import MarkdownIt from 'markdown-it'
import { openableUrl } from './link'
import { visibleText } from './visibleText'

const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true })
markdown.validateLink = address => openableUrl(address) !== undefined

// A remote picture tells its server who read this: it becomes a link.
markdown.renderer.rules.image = (tokens, index) => {
  const token = tokens[index]
  const address = String(token?.attrGet('src') ?? '')
  const text = token?.content || address
  return `<a href="${markdown.utils.escapeHtml(address)}">${markdown.utils.escapeHtml(text)}</a>`
}

const ALLOWED_TAGS = [
  'a', 'b', 'blockquote', 'br', 'code', 'del', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'i', 'li', 'ol', 'p', 'pre',
  's', 'strong', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul',
]

/** Markdown as clean HTML: no raw HTML, no pictures, links to http, https and mailto only. */
export function renderMarkdown(source: string): string {
  return DOMPurify.sanitize(markdown.render(visibleText(source)), {
    ALLOWED_TAGS,
    ALLOWED_ATTR: ['href', 'start'],
    ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  })
}
