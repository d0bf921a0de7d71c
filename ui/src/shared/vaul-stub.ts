/** Stands in for vaul-vue (see vite.config.ts): only Nuxt UI's drawer names these, and it is not used. */
export const DrawerRoot = null
export const DrawerRootNested = null
export const DrawerTrigger = null
export const DrawerPortal = null
export const DrawerOverlay = null
export const DrawerContent = null
export const DrawerTitle = null
export const DrawerDescription = null
export const DrawerHandle = null
export const DrawerClose = null
