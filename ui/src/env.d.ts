/// <reference types="vite/client" />
import 'vue'

declare module 'vue' {
  // Attributes that fall through to the root element of any component.
  interface AllowedComponentProps {
    'title'?: string
    'role'?: string
    'tabindex'?: string | number
    'autocapitalize'?: 'none'
    'aria-label'?: string
    'aria-pressed'?: boolean
    'aria-current'?: 'page' | boolean
    'aria-hidden'?: boolean | 'true'
  }
}
