import type { QueryClient } from '@tanstack/vue-query'
import { createRouter, createWebHistory } from 'vue-router'
import { mayEnter } from './api/queries/session'
import { type ProjectTab, projectTabs } from './features/projects/tabs'
import type { Transport } from './transport'

export function makeRouter(queryClient: QueryClient, transport: Transport) {
  const router = createRouter({
    history: createWebHistory(),
    routes: [
      { path: '/sign-in', name: 'sign-in', component: () => import('./pages/SignInPage.vue') },
      {
        path: '/',
        component: () => import('./pages/ShellPage.vue'),
        children: [
          { path: '', redirect: { name: 'projects' } },
          { path: 'projects', name: 'projects', component: () => import('./pages/ProjectsPage.vue') },
          {
            path: `projects/:id/:tab(${projectTabs.join('|')})?`,
            name: 'project',
            component: () => import('./pages/ProjectPage.vue'),
            props: to => ({ id: String(to.params.id), tab: (to.params.tab || 'timeline') as ProjectTab }),
          },
          { path: 'connect', name: 'connect', component: () => import('./pages/ConnectPage.vue') },
          { path: ':rest(.*)*', name: 'not-found', component: () => import('./pages/NotFoundPage.vue') },
        ],
      },
    ],
  })

  router.beforeEach(async to => {
    const entered = await mayEnter(queryClient, transport)
    if (to.name === 'sign-in') return transport.session && !entered ? true : { name: 'projects' }
    return entered ? true : { name: 'sign-in', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  })
  return router
}
