import { _api } from '@iconify/vue'
import ui from '@nuxt/ui/vue-plugin'
import { VueQueryPlugin } from '@tanstack/vue-query'
import { createApp } from 'vue'
import App from './App.vue'
import { transportKey } from './api/client'
import { makeQueryClient } from './api/queryClient'
import { i18n, preferredLocale, setLocale } from './i18n'
import { makeRouter } from './router'
import { pickTransport } from './transport'
import './styles/tokens.css'

// Every icon is bundled; one that is missing must stay missing, not be asked of the network.
_api.setFetch(() => Promise.reject(new Error('icons come from the bundle only')))

const [transport] = await Promise.all([pickTransport(), setLocale(preferredLocale())])
const queryClient = makeQueryClient()
const router = makeRouter(queryClient, transport)
queryClient.onSignedOut(() => {
  const from = router.currentRoute.value
  if (transport.session && from.name !== 'sign-in') void router.replace({ name: 'sign-in', query: { next: from.fullPath } })
})

createApp(App)
  .use(router)
  .use(i18n)
  .use(ui)
  .use(VueQueryPlugin, { queryClient })
  .provide(transportKey, transport)
  .mount('#app')
